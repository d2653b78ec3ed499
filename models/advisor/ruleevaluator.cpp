// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "advisor/ruleevaluator.h"

#include "advisor/inputs.h"
#include "advisor/texts.h"

#include <array>

#include <QElapsedTimer>

namespace tailscope::advisor {

namespace {

enum Fixed { Severity, SubjectKind, SubjectId, StartNs, EndNs, GainMs, FixedColumns };
constexpr std::array<std::string_view, FixedColumns> kFixed{"severity", "subject_kind", "subject_id",
    "start_ns", "end_ns", "gain_ms"};
Error ruleError(const Rule &rule, std::string detail)
{
    return {ErrorCode::Sql, rule.file.empty() ? rule.id : rule.file, std::move(detail), std::nullopt,
        "Mend the query of the rule"};
}

void bindParameters(store::Statement &statement, const Rule &rule)
{
    for (const Threshold &threshold : rule.thresholds) {
        const int index = statement.parameterIndex((":" + threshold.name).c_str());
        if (index >= 0)
            statement.bind(index, threshold.value);
    }
    // Without a chosen range everything counts and there is no baseline.
    for (const char *name : {":range_start", ":range_end", ":baseline_start", ":baseline_end"}) {
        const int index = statement.parameterIndex(name);
        if (index >= 0)
            statement.bindNull(index);
    }
}

Result<void> checkColumns(const store::Statement &statement, const Rule &rule)
{
    for (int i = 0; i < FixedColumns; ++i) {
        const auto wanted = kFixed[static_cast<std::size_t>(i)];
        if (i >= statement.columnCount() || statement.columnName(i) != wanted) {
            return fail(ruleError(rule,
                "column " + std::to_string(i + 1) + " of the result must be " + std::string(wanted)));
        }
    }
    return {};
}

Result<Finding> findingOf(const store::Statement &row, const Rule &rule)
{
    Finding finding;
    finding.ruleId = rule.id;
    finding.ruleVersion = rule.version;
    finding.severity = row.text(Severity);
    if (finding.severity == "warn")
        finding.severity = "warning";
    if (severityRank(finding.severity) < 0)
        return fail(ruleError(rule, "'" + finding.severity + "' is no severity"));
    finding.subjectKind = row.text(SubjectKind);
    finding.subjectId = row.text(SubjectId);
    finding.subjectIsNumber = row.type(SubjectId) == store::ColumnType::Integer;
    finding.startNs = row.optionalInteger(StartNs);
    finding.endNs = row.optionalInteger(EndNs);
    finding.gainMs = row.optionalReal(GainMs);
    EvidenceWriter evidence;
    for (int i = FixedColumns; i < row.columnCount(); ++i) {
        const std::string_view name = row.columnName(i);
        if (name == "doubt") {
            finding.doubt = row.optionalReal(i);
            continue;
        }
        evidence.add(name, row, i);
        for (const auto &[column, kind] : kObjectColumns) {
            if (name == column && !row.isNull(i))
                finding.objects.emplace_back(kind, row.text(i));
        }
    }
    finding.evidence = evidence.object();
    finding.title = fillTemplate(rule.headline.empty() ? rule.title : rule.headline, finding.evidence, &rule);
    finding.summary = fillTemplate(rule.summary, finding.evidence, &rule);
    return finding;
}

} // namespace

RuleEvaluator::RuleEvaluator(store::Database &database, Watchdog &watchdog)
    : m_database(database)
    , m_watchdog(watchdog)
{
    m_database.setReadOnlyAuthorizer(true);
}

bool RuleEvaluator::isPresent(const std::string &name)
{
    const auto known = m_present.find(name);
    if (known != m_present.end())
        return known->second;
    bool present = false;
    if (const Input *input = inputByName(name)) {
        for (const std::string &sql : input->present) {
            const Result<std::optional<std::int64_t>> value = m_database.integer(sql);
            present = present || (value && value->value_or(0) != 0);
        }
    }
    m_present.emplace(name, present);
    return present;
}

Result<std::vector<Finding>> RuleEvaluator::query(const Rule &rule)
{
    Result<store::Statement> statement = m_database.prepare(rule.sql);
    if (!statement)
        return fail(ruleError(rule, statement.error().detail));
    TS_TRY(checkColumns(*statement, rule));
    bindParameters(*statement, rule);
    std::vector<Finding> findings;
    while (findings.size() < kRuleRows) {
        const Result<bool> row = statement->step();
        if (!row)
            return fail(ruleError(rule, row.error().detail));
        if (!*row)
            break;
        Result<Finding> finding = findingOf(*statement, rule);
        if (!finding)
            return fail(finding.error());
        findings.push_back(std::move(*finding));
    }
    return findings;
}

Evaluation RuleEvaluator::evaluate(const Rule &rule)
{
    Evaluation evaluation;
    QElapsedTimer clock;
    clock.start();
    m_database.setCancel(m_watchdog.arm(kRuleTime));
    for (const std::string &need : rule.needs) {
        if (!isPresent(need)) {
            m_watchdog.disarm();
            evaluation.state = "not evaluated: needs " + need;
            return evaluation;
        }
    }
    Result<std::vector<Finding>> findings = query(rule);
    const bool late = m_watchdog.disarm();
    evaluation.seconds = double(clock.nsecsElapsed()) / 1e9;
    if (findings) {
        evaluation.state = "ran";
        evaluation.findings = std::move(*findings);
    } else if (late) {
        evaluation.state = "timed out";
    } else {
        evaluation.state = "failed: " + findings.error().detail;
        evaluation.error = findings.error();
    }
    return evaluation;
}

} // namespace tailscope::advisor
