// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// tailscope check: a gate for CI over the findings.
#include "app/arguments.h"
#include "app/command.h"
#include "app/commands/input.h"
#include "report/reportdata.h"

#include <QTextStream>

namespace tailscope::app {

namespace {

QString opt(const char *name) { return QString::fromLatin1(name); }

QString xml(const std::string &text) { return QString::fromStdString(text).toHtmlEscaped(); }

/// JUnit: one case per finding, those at or above the asked severity fail.
std::string junit(const report::ReportData &data, const std::vector<bool> &failing)
{
    QString cases;
    int failures = 0;
    for (std::size_t i = 0; i < data.findings.size(); ++i) {
        const auto &finding = data.findings[i];
        cases
            += opt("  <testcase classname=\"%1\" name=\"%2\">").arg(xml(finding.ruleId), xml(finding.title));
        if (failing[i]) {
            ++failures;
            cases
                += opt("<failure type=\"%1\">%2</failure>").arg(xml(finding.severity), xml(finding.summary));
        }
        cases += opt("</testcase>\n");
    }
    if (data.findings.empty())
        cases = opt("  <testcase classname=\"tailscope\" name=\"no findings\"></testcase>\n");
    return opt("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"tailscope\" tests=\"%1\" "
               "failures=\"%2\">\n%3</testsuite>\n")
        .arg(std::max<std::size_t>(1, data.findings.size()))
        .arg(failures)
        .arg(cases)
        .toStdString();
}

} // namespace

int runCheck(const QStringList &arguments)
{
    Arguments options(opt("check"),
        {{opt("fail-on"), {}, opt("SEVERITY"), opt("critical")}, {opt("junit"), {}, opt("FILE")},
            {opt("budget"), {}, opt("B")}, {opt("baseline"), {}, opt("W0")}});
    if (!options.parse(arguments, 1, -1, commandByName(opt("check"))->synopsis))
        return 2;
    const QString failOn = options.value(opt("fail-on"));
    if (failOn != opt("warning") && failOn != opt("critical"))
        return options.usageError(opt("--fail-on is warning or critical, not '%1'").arg(failOn));
    const auto input = openInput(options.positional());
    if (!input)
        return options.failure(input.error());
    const auto data = report::gather(*input->workspace, true);
    if (!data)
        return options.failure(data.error());
    std::vector<bool> failing;
    int failures = 0;
    QTextStream out(stdout);
    for (const auto &finding : data->findings) {
        const bool fails
            = finding.severity == "critical" || (finding.severity == "warning" && failOn == opt("warning"));
        failing.push_back(fails);
        failures += fails ? 1 : 0;
        out << (fails ? "FAIL  " : "      ") << QString::fromStdString(finding.severity) << "  "
            << QString::fromStdString(finding.title) << ": " << QString::fromStdString(finding.summary)
            << "\n";
    }
    out.flush();
    if (options.has(opt("junit"))) {
        if (const auto written = writeOutput(options.value(opt("junit")), junit(*data, failing)); !written)
            return options.failure(written.error());
    }
    int code = 0;
    for (const Error &error : input->errors)
        code = std::max(code, options.failure(error));
    if (failures > 0)
        return 1;
    if (code != 0)
        return code;
    if (options.has(opt("budget")) || options.has(opt("baseline"))) {
        QTextStream(stderr) << "tailscope check: this version cannot decide --budget and --baseline: it has "
                               "neither budgets nor "
                               "comparisons yet. Use --fail-on alone.\n";
        return 6;
    }
    if (data->rulesRan == 0) {
        QTextStream(stderr)
            << "tailscope check: no rule could be evaluated on this input, so nothing was decided.\n";
        return 6;
    }
    return 0;
}

} // namespace tailscope::app
