// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "advisor/findingstore.h"

#include "base/text.h"

#include <QJsonDocument>
#include <QJsonObject>

namespace tailscope::advisor {

namespace {

/// The objects of a finding are kept in its evidence only.
void readObjects(Finding &finding)
{
    const QByteArray bytes(finding.evidence.data(), static_cast<qsizetype>(finding.evidence.size()));
    const QJsonObject evidence = QJsonDocument::fromJson(bytes).object();
    for (const auto &[key, kind] : kObjectColumns) {
        const QJsonValue value
            = evidence.value(QLatin1String(key.data(), static_cast<qsizetype>(key.size())));
        if (value.isDouble())
            finding.objects.emplace_back(kind, std::to_string(value.toInteger()));
        else if (value.isString())
            finding.objects.emplace_back(kind, value.toString().toStdString());
    }
}

Result<void> readRows(store::Database &reader, std::vector<Finding> &findings)
{
    Result<store::Statement> query
        = reader.prepare("SELECT id, rule_id, rule_version, severity, subject_kind, subject_id, title, "
                         "summary, evidence, start_ns,"
                         " end_ns, gain_ms, doubt, cause_id, state FROM finding ORDER BY id");
    if (!query)
        return fail(query.error());
    for (;;) {
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            return {};
        Finding finding;
        finding.id = query->integer(0);
        finding.ruleId = query->text(1);
        finding.ruleVersion = static_cast<int>(query->integer(2));
        finding.severity = query->text(3);
        finding.subjectKind = query->text(4);
        finding.subjectId = query->text(5);
        finding.subjectIsNumber = query->type(5) == store::ColumnType::Integer;
        finding.title = query->text(6);
        finding.summary = query->text(7);
        finding.evidence = query->text(8);
        finding.startNs = query->optionalInteger(9);
        finding.endNs = query->optionalInteger(10);
        finding.gainMs = query->optionalReal(11);
        finding.doubt = query->optionalReal(12);
        finding.causeId = query->optionalInteger(13);
        finding.state = query->text(14);
        readObjects(finding);
        findings.push_back(std::move(finding));
    }
}

Result<void> writeRows(store::Database &writer, const std::vector<Finding> &findings)
{
    TS_TRY(writer.execute("DELETE FROM finding"));
    Result<store::Statement> insert = writer.prepare(
        "INSERT INTO finding (id, rule_id, rule_version, severity, subject_kind, subject_id, title, summary,"
        " evidence, start_ns, end_ns, gain_ms, doubt, cause_id, state)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)");
    if (!insert)
        return fail(insert.error());
    for (const Finding &finding : findings) {
        insert->bind(0, finding.id);
        insert->bind(1, std::string_view(finding.ruleId));
        insert->bind(2, std::int64_t(finding.ruleVersion));
        insert->bind(3, std::string_view(finding.severity));
        insert->bindTextOrNull(4, finding.subjectKind);
        const auto number = parseInt64(finding.subjectId);
        if (finding.subjectIsNumber && number)
            insert->bind(5, *number);
        else
            insert->bindTextOrNull(5, finding.subjectId);
        insert->bind(6, std::string_view(finding.title));
        insert->bind(7, std::string_view(finding.summary));
        insert->bind(8, std::string_view(finding.evidence));
        insert->bindOptional(9, finding.startNs);
        insert->bindOptional(10, finding.endNs);
        insert->bindOptional(11, finding.gainMs);
        insert->bindOptional(12, finding.doubt);
        insert->bindOptional(13, finding.causeId);
        insert->bind(14, std::string_view(finding.state));
        TS_TRY(insert->run());
    }
    return {};
}

Result<void> writeRuns(store::Database &writer, const std::vector<RuleRun> &runs)
{
    TS_TRY(writer.execute("DELETE FROM rule_run"));
    Result<store::Statement> insert = writer.prepare(
        "INSERT INTO rule_run (rule_id, state, seconds, rows, input_generation) VALUES (?1, ?2, ?3, ?4, ?5)");
    if (!insert)
        return fail(insert.error());
    for (const RuleRun &run : runs) {
        insert->bind(0, std::string_view(run.ruleId));
        insert->bind(1, std::string_view(run.state));
        insert->bind(2, run.seconds);
        insert->bind(3, run.rows);
        insert->bind(4, run.inputGeneration);
        TS_TRY(insert->run());
    }
    return {};
}

} // namespace

Result<StoredFindings> readFindings(store::Database &reader)
{
    StoredFindings stored;
    TS_TRY(readRows(reader, stored.findings));
    Result<store::Statement> query
        = reader.prepare("SELECT rule_id, state, seconds, rows, input_generation FROM rule_run ORDER BY id");
    if (!query)
        return fail(query.error());
    for (;;) {
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            return stored;
        RuleRun run{std::string(query->text(0)), std::string(query->text(1)),
            query->isNull(2) ? 0 : query->real(2), query->integer(3),
            query->isNull(4) ? -1 : query->integer(4)};
        stored.runs.insert_or_assign(run.ruleId, std::move(run));
    }
}

Result<void> writeFindings(const store::Workspace &workspace, const std::vector<Finding> &findings,
    const std::vector<RuleRun> &runs)
{
    Result<store::Database> writer = workspace.connectWriter();
    if (!writer)
        return fail(writer.error());
    TS_TRY(writer->begin());
    Result<void> written = writeRows(*writer, findings);
    if (written)
        written = writeRuns(*writer, runs);
    if (!written) {
        writer->rollback();
        return written;
    }
    return writer->commit();
}

} // namespace tailscope::advisor
