// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// tailscope check: a gate for CI over the findings, against a baseline and against a budget.
#include "app/arguments.h"
#include "app/command.h"
#include "app/commands/checkbaseline.h"
#include "app/commands/checkbudget.h"
#include "app/commands/input.h"
#include "report/reportdata.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QTextStream>

#include <algorithm>
#include <optional>

namespace tailscope::app {

namespace {

QString opt(const char *name) { return QString::fromLatin1(name); }

QString xml(const std::string &text) { return QString::fromStdString(text).toHtmlEscaped(); }

using Comparison = std::optional<analysis::SetComparison>;

/// The references that were asked for, and what they say.
struct Gates
{
    Comparison baseline;
    std::optional<BudgetCheck> budget;
    bool any() const { return baseline || budget; }
};

void add(JUnitCases &all, const JUnitCases &more)
{
    all.xml += more.xml;
    all.cases += more.cases;
    all.failures += more.failures;
    all.skipped += more.skipped;
}

/// JUnit: one case per finding, those at or above the asked severity fail; one case per compared operation,
/// one per line of the budget.
std::string junit(const report::ReportData &data, const std::vector<bool> &failing, const Gates &gates)
{
    JUnitCases all;
    if (gates.budget)
        add(all, budgetJunit(*gates.budget));
    if (gates.baseline)
        add(all, gateJunit(*gates.baseline));
    for (std::size_t i = 0; i < data.findings.size(); ++i) {
        const auto &finding = data.findings[i];
        ++all.cases;
        all.xml
            += opt("  <testcase classname=\"%1\" name=\"%2\">").arg(xml(finding.ruleId), xml(finding.title));
        if (failing[i]) {
            ++all.failures;
            all.xml
                += opt("<failure type=\"%1\">%2</failure>").arg(xml(finding.severity), xml(finding.summary));
        }
        all.xml += opt("</testcase>\n");
    }
    if (all.cases == 0) {
        all.xml = opt("  <testcase classname=\"tailscope\" name=\"no findings\"></testcase>\n");
        all.cases = 1;
    }
    const QString skipped = all.skipped > 0 ? opt(" skipped=\"%1\"").arg(all.skipped) : QString();
    return opt("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"tailscope\" tests=\"%1\" "
               "failures=\"%2\"%4>\n%3</testsuite>\n")
        .arg(QString::number(all.cases), QString::number(all.failures), all.xml, skipped)
        .toStdString();
}

/// With a budget the findings are left out unless they are asked for: the table is what is read.
void printText(const report::ReportData &data, const std::vector<bool> &failing, const Gates &gates,
    bool withFindings)
{
    QTextStream out(stdout);
    for (std::size_t i = 0; withFindings && i < data.findings.size(); ++i) {
        const auto &finding = data.findings[i];
        out << (failing[i] ? "FAIL  " : "      ") << QString::fromStdString(finding.severity) << "  "
            << QString::fromStdString(finding.title) << ": " << QString::fromStdString(finding.summary)
            << "\n";
    }
    if (gates.baseline)
        out << gateText(*gates.baseline);
    if (gates.budget)
        out << budgetText(*gates.budget);
}

void printJson(const report::ReportData &data, const std::vector<bool> &failing, const Gates &gates)
{
    QJsonArray findings;
    for (std::size_t i = 0; i < data.findings.size(); ++i) {
        const auto &finding = data.findings[i];
        findings << QJsonObject{{opt("rule_id"), QString::fromStdString(finding.ruleId)},
            {opt("severity"), QString::fromStdString(finding.severity)},
            {opt("title"), QString::fromStdString(finding.title)},
            {opt("summary"), QString::fromStdString(finding.summary)}, {opt("fails"), bool(failing[i])}};
    }
    QJsonObject json{{opt("findings"), findings}};
    if (gates.baseline)
        json.insert(opt("baseline"), gateJson(*gates.baseline));
    if (gates.budget)
        json.insert(opt("budget"), budgetJson(*gates.budget));
    QTextStream(stdout) << QJsonDocument(json).toJson();
}

Result<Comparison> comparedWith(const Arguments &options, const store::Workspace &workspace,
    const analysis::CompareLimits &limits)
{
    if (!options.has(opt("baseline")))
        return Comparison();
    const auto reference = openInput({options.value(opt("baseline"))});
    if (!reference)
        return tl::unexpected(reference.error());
    auto comparison = compareWorkspaces(*reference->workspace, workspace, limits);
    if (!comparison)
        return tl::unexpected(comparison.error());
    return Comparison(std::move(*comparison));
}

/// The exit code once nothing failed: 6 when something that was asked for was not decided.
int undecided(const report::ReportData &data, const Gates &gates)
{
    QTextStream err(stderr);
    int code = 0;
    if (gates.budget && gates.budget->gate.verdict == analysis::BudgetGate::Verdict::Undecided) {
        err << "tailscope check: the budget could not be decided: " << undecidedText(*gates.budget) << "\n";
        code = 6;
    }
    if (gates.baseline && analysis::gateResult(*gates.baseline) != analysis::GateResult::Passed) {
        err << "tailscope check: the baseline decides nothing: "
            << QString::fromStdString(analysis::headline(*gates.baseline)) << "\n";
        code = 6;
    }
    if (!gates.any() && data.rulesRan == 0) {
        err << "tailscope check: no rule could be evaluated on this input, so nothing was decided.\n";
        code = 6;
    }
    return code;
}

bool isBroken(const Gates &gates)
{
    return (gates.baseline && analysis::gateResult(*gates.baseline) == analysis::GateResult::Failed)
        || (gates.budget && gates.budget->gate.verdict == analysis::BudgetGate::Verdict::Broken);
}

Result<Gates> gatesOf(const Arguments &options, const store::Workspace &workspace,
    const analysis::CompareLimits &limits)
{
    Gates gates;
    if (options.has(opt("budget"))) {
        Result<BudgetCheck> check = checkBudget(workspace, options.value(opt("budget")));
        if (!check)
            return fail(std::move(check.error()));
        gates.budget = std::move(*check);
    }
    Result<Comparison> baseline = comparedWith(options, workspace, limits);
    if (!baseline)
        return fail(std::move(baseline.error()));
    gates.baseline = std::move(*baseline);
    return gates;
}

} // namespace

int runCheck(const QStringList &arguments)
{
    Arguments options(opt("check"),
        {{opt("fail-on"), {}, opt("SEVERITY"), opt("critical")}, {opt("junit"), {}, opt("FILE")},
            {opt("budget"), {}, opt("B")}, {opt("baseline"), {}, opt("W0")},
            {opt("max-p95-ratio"), {}, opt("X"), opt("1.2")},
            {opt("max-p99-ratio"), {}, opt("X"), opt("1.2")},
            {opt("max-error-points"), {}, opt("X"), opt("0.5")},
            {opt("max-error-ratio"), {}, opt("X"), opt("2")}, {opt("format"), {}, opt("F")}});
    if (!options.parse(arguments, 1, -1, commandByName(opt("check"))->synopsis))
        return 2;
    const auto format = options.format({opt("text"), opt("json")});
    if (!format)
        return 2;
    const QString failOn = options.value(opt("fail-on"));
    if (failOn != opt("warning") && failOn != opt("critical"))
        return options.usageError(opt("--fail-on is warning or critical, not '%1'").arg(failOn));
    const auto limits = gateLimits(options);
    if (!limits)
        return options.failure(limits.error());
    const auto input = openInput(options.positional());
    if (!input)
        return options.failure(input.error());
    const auto data = report::gather(*input->workspace, true);
    if (!data)
        return options.failure(data.error());
    const auto gates = gatesOf(options, *input->workspace, *limits);
    if (!gates)
        return options.failure(gates.error());
    // Against a baseline the question is what got worse, against a budget whether it holds: other findings
    // fail only when they are asked for.
    const bool findingsFail = !gates->any() || options.has(opt("fail-on"));
    std::vector<bool> failing;
    for (const auto &finding : data->findings)
        failing.push_back(findingsFail
            && (finding.severity == "critical"
                || (finding.severity == "warning" && failOn == opt("warning"))));
    if (*format == opt("json"))
        printJson(*data, failing, *gates);
    else
        printText(*data, failing, *gates, findingsFail || !gates->budget);
    if (options.has(opt("junit"))) {
        const auto written = writeOutput(options.value(opt("junit")), junit(*data, failing, *gates));
        if (!written)
            return options.failure(written.error());
    }
    int code = 0;
    for (const Error &error : input->errors)
        code = std::max(code, options.failure(error));
    if (isBroken(*gates) || std::find(failing.begin(), failing.end(), true) != failing.end())
        return 1;
    return code != 0 ? code : undecided(*data, *gates);
}

} // namespace tailscope::app
