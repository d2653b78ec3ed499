// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/migrationsql/migrationreader.h"

#include "base/text.h"

#include <array>

#include <QJsonDocument>

namespace tailscope::import {

Result<void> MigrationReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    SourceInfo info;
    info.kind = SourceKind::Config;
    info.clock = ClockKind::None;
    sink.setSource(info);
    std::string bytes;
    for (;;) {
        const Result<std::string_view> chunk = source.next();
        if (!chunk)
            return fail(chunk.error());
        if (chunk->empty())
            break;
        if (bytes.size() < kMaxBytes)
            bytes += utf8Prefix(*chunk, kMaxBytes - bytes.size());
        else
            report.note(IssueSeverity::DataLoss, "too-long", kMaxBytes,
                "what follows the first 16 MiB was left out");
    }
    if (!isValidUtf8(bytes) || bytes.find('\0') != std::string::npos) {
        bytes = sanitizedUtf8(bytes);
        report.note(IssueSeverity::Notice, "repaired-text", 0, "bytes that are not UTF-8 were replaced");
    }
    m_file = source.name().substr(source.name().find_last_of('/') + 1);
    const MigrationText script(std::move(bytes), m_file);
    for (const MigrationStatement &statement : script.statements())
        take(statement, script, sink, report);
    if (script.psqlCommands() > 0)
        report.note(IssueSeverity::Info, "psql-command", 0,
            "commands of psql (lines that begin with a backslash) are no SQL", script.psqlCommands());
    if (script.dataLines() > 0)
        report.note(IssueSeverity::Info, "copy-data", 0, "lines of data of COPY were passed by",
            script.dataLines());
    if (script.brokenAt() != std::string_view::npos) {
        const std::string_view rest = script.text().substr(script.brokenAt());
        report.skip("broken-sql", script.brokenAt(), rest.size(),
            "PostgreSQL's scanner stops here: " + script.brokenReason(), rest);
    }
    if (report.rowsRead() == 0 && report.rowsSkipped() == 0)
        return fail(ErrorCode::BadInput, source.name(), "it has no SQL statement",
            "a migration is a text file of SQL statements, each with a semicolon behind it");
    return {};
}

/// BEGIN and COMMIT as the script writes them.
void MigrationReader::followTransaction(const DdlAction &action)
{
    if (action.kind == "begin")
        m_inTransaction = true;
    else if (action.kind == "commit" || action.kind == "rollback")
        m_inTransaction = false;
}

void MigrationReader::take(const MigrationStatement &statement, const MigrationText &script, RowSink &sink,
    ImportReport &report)
{
    ++m_position;
    std::vector<DdlAction> actions = readDdl(statement.text);
    const std::string text = sanitizedUtf8(utf8Prefix(statement.text, kMaxMigrationStatement));
    int part = 0;
    for (DdlAction &action : actions) {
        followTransaction(action);
        if (action.kind == "unparsed")
            report.note(IssueSeverity::Notice, "unparsed", statement.offset,
                "a statement is not PostgreSQL's SQL: "
                    + action.extra.value(QLatin1String("error")).toString().toStdString());
        if (m_inTransaction || statement.wrapped)
            action.extra.insert(QLatin1String("in_transaction"), true);
        if (statement.down)
            action.extra.insert(QLatin1String("down"), true);
        if (!script.tool().empty())
            action.extra.insert(QLatin1String("tool"), QString::fromStdString(std::string(script.tool())));
        if (actions.size() > 1)
            action.extra.insert(QLatin1String("part"), ++part);
        const std::string extra = QJsonDocument(action.extra).toJson(QJsonDocument::Compact).toStdString();
        const std::array fields{
            RecordField{"position", m_position},
            RecordField{"file", std::string_view(m_file)},
            RecordField{"line", statement.line},
            RecordField{"kind", std::string_view(action.kind)},
            action.object.empty() ? RecordField{"object", {}}
                                  : RecordField{"object", std::string_view(action.object)},
            RecordField{"text", std::string_view(text)},
            RecordField{"extra", std::string_view(extra)},
        };
        RecordRow row{};
        row.table = RecordTable::DdlStatement;
        row.fields = fields;
        sink.record(row);
    }
    report.rowRead();
}

} // namespace tailscope::import
