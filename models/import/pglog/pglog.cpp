// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pglog/pglog.h"

#include "base/text.h"
#include "import/common/jsonkeys.h"
#include "import/pglog/csvlogreader.h"
#include "import/pglog/jsonlogreader.h"
#include "import/pglog/logreader.h"
#include "import/pglog/prefixguess.h"
#include "import/pglog/textlines.h"

#include <algorithm>

namespace tailscope::import {

namespace {

using namespace pglog;

constexpr FormatDescriptor kStderr{"postgresql-log", "PostgreSQL server log (stderr)",
    "*.log postgresql*.log.gz", SourceKind::Log,
    "Written by the server with log_destination = stderr; log_line_prefix is found from the lines "
    "themselves."};
constexpr FormatDescriptor kSyslog{"postgresql-syslog", "PostgreSQL server log (syslog)", "syslog* *.log",
    SourceKind::Log,
    "Written through syslog (RFC 3164, RFC 5424, rsyslog); lines of other programs are passed over."};
constexpr FormatDescriptor kCsv{"postgresql-csvlog", "PostgreSQL server log (csvlog)", "*.csv",
    SourceKind::Log, "Written by the server with log_destination = csvlog."};
constexpr FormatDescriptor kJson{"postgresql-jsonlog", "PostgreSQL server log (jsonlog)", "*.json",
    SourceKind::Log, "Written by the server with log_destination = jsonlog (PostgreSQL 15 and later)."};

/// Whole lines of what a sniffer sees.
std::vector<std::string_view> linesOf(std::string_view prefix)
{
    if (prefix.starts_with("\xEF\xBB\xBF"))
        prefix.remove_prefix(3);
    if (prefix.size() >= kSniffBytes)
        prefix = prefix.substr(0, prefix.rfind('\n') + 1);
    std::vector<std::string_view> lines = split(prefix, '\n');
    std::erase_if(lines, [](std::string_view line) { return trimmed(line).empty(); });
    return lines;
}

/// One record of auto_explain that was pasted is for the readers of plans.
bool isOnePlan(std::size_t records, std::string_view line, std::string_view prefix)
{
    return records == 1 && line.find(" ms  plan:") != std::string_view::npos && prefix.size() < kSniffBytes;
}

class PostgresLog : public Importer
{
public:
    explicit PostgresLog(const FormatDescriptor &descriptor)
        : m_descriptor(descriptor)
    {}
    const FormatDescriptor &descriptor() const override { return m_descriptor; }

private:
    const FormatDescriptor &m_descriptor;
};

class StderrImporter final : public PostgresLog
{
public:
    StderrImporter()
        : PostgresLog(kStderr)
    {}
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        if (prefix.find(":  ") == std::string_view::npos)
            return Confidence::No;
        const std::vector<std::string_view> lines = linesOf(prefix);
        const std::optional<PrefixGuess> guess = guessPrefix(lines);
        if (!guess)
            return Confidence::No;
        const auto head = std::find_if(lines.begin(), lines.end(),
            [](std::string_view line) { return findLevel(line.substr(0, 512)).word != Word::None; });
        if (head == lines.end() || isOnePlan(guess->heads, *head, prefix))
            return Confidence::No;
        const LinePrefix &found = guess->prefix;
        const bool timed = found.has(PrefixField::Time) || found.has(PrefixField::TimeMillis)
            || found.has(PrefixField::Epoch);
        // A client prints levels too, but never LOG.
        const bool server = prefix.find("LOG:  ") != std::string_view::npos;
        if (timed)
            return guess->heads > 1 ? Confidence::Strong : Confidence::Likely;
        return server && guess->heads > 1 ? Confidence::Likely : Confidence::No;
    }
    std::unique_ptr<Reader> newReader(const ReadOptions &options) const override
    {
        return std::make_unique<StderrReader>(options);
    }
};

class SyslogImporter final : public PostgresLog
{
public:
    SyslogImporter()
        : PostgresLog(kSyslog)
    {}
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        std::size_t lines = 0, heads = 0, ours = 0, levels = 0;
        std::string_view first;
        for (const std::string_view line : linesOf(prefix)) {
            ++lines;
            const std::optional<SyslogHead> head = scanSyslogHead(line);
            heads += head ? 1 : 0;
            if (!head || !isPostgresProgram(head->program))
                continue;
            ++ours;
            if (findLevel(line.substr(head->length, 512)).word != Word::None) {
                first = levels == 0 ? line : first;
                ++levels;
            }
        }
        if (ours == 0 || heads * 2 < lines || levels == 0 || isOnePlan(levels, first, prefix))
            return Confidence::No;
        return levels > 1 ? Confidence::Magic : Confidence::Strong;
    }
    std::unique_ptr<Reader> newReader(const ReadOptions &options) const override
    {
        return std::make_unique<SyslogReader>(options);
    }
};

class CsvLogImporter final : public PostgresLog
{
public:
    CsvLogImporter()
        : PostgresLog(kCsv)
    {}
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        std::size_t heads = 0;
        std::string_view first;
        for (const std::string_view line : linesOf(prefix)) {
            if (!looksLikeCsvHead(line))
                continue;
            first = heads == 0 ? line : first;
            ++heads;
        }
        if (heads == 0)
            return Confidence::No;
        // Twelve columns on, a level.
        std::vector<std::string_view> columns = split(first.substr(0, 1024), ',');
        const bool level = std::any_of(columns.begin(), columns.end(),
            [](std::string_view column) { return levelOf(column) != Word::None; });
        if (!level || isOnePlan(heads, first, prefix))
            return Confidence::No;
        return heads > 1 ? Confidence::Magic : Confidence::Strong;
    }
    std::unique_ptr<Reader> newReader(const ReadOptions &options) const override
    {
        return std::make_unique<CsvLogReader>(options);
    }
};

class JsonLogImporter final : public PostgresLog
{
public:
    JsonLogImporter()
        : PostgresLog(kJson)
    {}
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        std::size_t records = 0;
        std::string_view first;
        for (const std::string_view line : linesOf(prefix)) {
            const bool record = line.starts_with('{')
                && line.find("\"error_severity\":") != std::string_view::npos
                && line.find("\"timestamp\":") != std::string_view::npos;
            first = record && records == 0 ? line : first;
            records += record ? 1 : 0;
        }
        // A first record longer than what is seen.
        const bool begins = prefix.starts_with("{\"timestamp\":")
            && prefix.find("\"error_severity\":") != std::string_view::npos;
        if ((records == 0 && !begins) || isOnePlan(records, first, prefix))
            return Confidence::No;
        return Confidence::Magic;
    }
    std::unique_ptr<Reader> newReader(const ReadOptions &options) const override
    {
        return std::make_unique<JsonLogReader>(options);
    }
};

} // namespace

const Importer &postgresLogImporter()
{
    static const StderrImporter importer;
    return importer;
}

const Importer &postgresSyslogImporter()
{
    static const SyslogImporter importer;
    return importer;
}

const Importer &postgresCsvLogImporter()
{
    static const CsvLogImporter importer;
    return importer;
}

const Importer &postgresJsonLogImporter()
{
    static const JsonLogImporter importer;
    return importer;
}

} // namespace tailscope::import
