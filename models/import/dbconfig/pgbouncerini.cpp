// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/text.h"
#include "import/dbconfig/conffile.h"
#include "import/dbconfig/configrow.h"
#include "import/dbconfig/dbconfig.h"

#include <array>
#include <map>
#include <vector>

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "pgbouncer-ini",
    "PgBouncer configuration (pgbouncer.ini)",
    "*.ini",
    SourceKind::Config,
    "pgbouncer.ini: pools and limits of a pooler.",
};

constexpr std::string_view kPooler = "pgbouncer";

/// Words of a connection string: "host=db1 port=5432 password='a b'"; a quote in a quoted value is doubled.
std::map<std::string, std::string, std::less<>> connectionWords(std::string_view text)
{
    std::map<std::string, std::string, std::less<>> words;
    for (std::size_t at = 0; at < text.size();) {
        at = text.find_first_not_of(" \t", at);
        const std::size_t equals = at == std::string_view::npos ? at : text.find('=', at);
        if (equals == std::string_view::npos)
            break;
        const std::string key = toLowerAscii(trimmed(text.substr(at, equals - at)));
        std::size_t begin = std::min(text.size(), text.find_first_not_of(" \t", equals + 1));
        std::size_t end = begin;
        if (begin < text.size() && text[begin] == '\'') {
            for (++end; end < text.size(); ++end) {
                if (text[end] == '\'' && (end + 1 >= text.size() || text[end + 1] != '\''))
                    break;
                end += text[end] == '\'' ? 1 : 0;
            }
            end = std::min(end + 1, text.size());
        } else {
            end = std::min(text.size(), text.find_first_of(" \t", begin));
        }
        words[key] = confValue(text.substr(begin, end - begin));
        at = end;
    }
    return words;
}

/// Limits in seconds that have a key in milliseconds.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kMillis{{
    {"query_wait_timeout", "acquire_timeout_ms"},
    {"reserve_pool_timeout", "reserve_pool_timeout_ms"},
    {"server_idle_timeout", "server_idle_timeout_ms"},
    {"server_lifetime", "server_lifetime_ms"},
    {"query_timeout", "query_timeout_ms"},
}};
constexpr std::array<std::string_view, 7> kCounts{"max_client_conn", "default_pool_size", "min_pool_size",
    "reserve_pool_size", "max_db_connections", "max_user_connections", "max_prepared_statements"};

class PgbouncerIniReader final : public Reader
{
public:
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override
    {
        TS_TRY(readConfLines(source, sink, report, [&](const Line &line) { takeLine(line, report); }));
        if (m_settings.empty() && m_databases.empty() && report.rowsSkipped() == 0)
            return fail(ErrorCode::BadInput, source.name(), "it has no setting of PgBouncer",
                "The sections are [databases] and [pgbouncer].");
        write(sink, report);
        return {};
    }

private:
    struct Database
    {
        std::string name;
        std::map<std::string, std::string, std::less<>> words;
    };

    void takeLine(const Line &line, ImportReport &report)
    {
        const std::string_view text = trimmed(line.text);
        if (text.empty() || text.front() == ';' || text.front() == '#')
            return;
        if (text.starts_with("%include"))
            return report.note(IssueSeverity::Notice, "include", line.offset,
                "files that are included were not followed: import them too ("
                    + sanitizedUtf8(trimmed(text.substr(8))) + ")");
        if (text.front() == '[') {
            m_section = toLowerAscii(trimmed(text.substr(1, text.find(']') - 1)));
            return;
        }
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos || equals == 0)
            return report.skip("bad-line", line.offset, line.length, "the line is not: name = value",
                line.text);
        if (m_settings.size() + m_databases.size() >= kMaxConfKeys)
            return report.skip("too-many-keys", line.offset, line.length,
                "the file has more than 20,000 settings", line.text);
        const std::string_view value = trimmed(text.substr(equals + 1));
        if (m_section == "databases") {
            report.rowRead();
            m_databases.push_back({confValue(text.substr(0, equals)), connectionWords(value)});
            if (m_databases.back().words.contains("password"))
                report.note(IssueSeverity::Info, "secret-setting", line.offset, "passwords were left out");
        } else if (m_section == kPooler) {
            report.rowRead();
            const std::string name = toLowerAscii(trimmed(text.substr(0, equals)));
            m_settings.emplace_back(name, sanitizedUtf8(value));
            m_values[name] = m_settings.back().second;
        } else {
            report.note(IssueSeverity::Info, "other-section", line.offset,
                "lines of [" + sanitizedUtf8(utf8Prefix(m_section, 60)) + "] were left out");
        }
    }

    std::string valueOf(std::string_view name) const
    {
        const auto found = m_values.find(name);
        return found == m_values.end() ? std::string() : found->second;
    }

    void write(RowSink &sink, ImportReport &report) const
    {
        const std::string host = valueOf("listen_addr");
        std::vector<RecordField> fields{{"kind", kPooler}, {"name", kPooler}};
        if (!host.empty())
            fields.push_back({"host", std::string_view(host)});
        if (const auto port = parseInt64(valueOf("listen_port")))
            fields.push_back({"port", *port});
        RecordRow record{};
        record.table = RecordTable::Server;
        record.fields = fields;
        const RecordRef server = sink.record(record);
        for (const auto &[name, value] : m_settings)
            writeSetting(sink, server,
                {name, isSecretSetting(name) ? std::string_view() : std::string_view(value),
                    pgbouncerUnit(name), {}, "configuration file", {}});
        writeLimits(sink, report);
        for (const Database &database : m_databases)
            writeDatabase(database, sink);
    }

    void writeLimits(RowSink &sink, ImportReport &report) const
    {
        const auto put = [&](std::string_view key, const std::string &value, std::string_view unit) {
            writeConfig(sink, {"pooler", kPooler, {}, key, value, unit});
        };
        for (const std::string_view name : kCounts) {
            const std::string value = valueOf(name);
            if (parseInt64(value))
                put(name, value, {});
            else if (!value.empty())
                report.note(IssueSeverity::Notice, "bad-value", 0, std::string(name) + " is no whole number");
        }
        for (const auto &[name, key] : kMillis) {
            if (const auto seconds = parseDouble(valueOf(name)))
                put(key, plainNumber(*seconds * 1000), "ms");
        }
        if (!valueOf("pool_mode").empty())
            put("mode", valueOf("pool_mode"), {});
    }

    void writeDatabase(const Database &database, RowSink &sink) const
    {
        const auto word = [&](std::string_view name) {
            const auto found = database.words.find(name);
            return found == database.words.end() ? std::string() : found->second;
        };
        const auto put = [&](std::string_view key, const std::string &value) {
            if (!value.empty())
                writeConfig(sink, {"pool", database.name, kPooler, key, value, {}});
        };
        const auto either = [](std::string own, std::string common) { return own.empty() ? common : own; };
        put("size", either(word("pool_size"), valueOf("default_pool_size")));
        std::string target = word("host");
        if (!word("port").empty() && !target.empty())
            target += ':' + word("port");
        put("target", target);
        put("mode", either(word("pool_mode"), valueOf("pool_mode")));
        put("reserve_size",
            either(either(word("reserve_pool_size"), word("reserve_pool")), valueOf("reserve_pool_size")));
        put("max_connections", word("max_db_connections"));
    }

    std::string m_section;
    std::vector<std::pair<std::string, std::string>> m_settings;
    std::map<std::string, std::string, std::less<>> m_values;
    std::vector<Database> m_databases;
};

class PgbouncerIniImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }
    Confidence sniff(std::string_view prefix, std::string_view fileName) const override
    {
        bool databases = false, connects = false;
        while (!prefix.empty()) {
            const std::size_t end = prefix.find('\n');
            const std::string_view line = trimmed(prefix.substr(0, end));
            prefix.remove_prefix(end == std::string_view::npos ? prefix.size() : end + 1);
            if (line == "[pgbouncer]")
                return Confidence::Strong;
            databases = databases || line == "[databases]";
            connects = connects || (databases && line.find("host=") != std::string_view::npos);
        }
        return connects                                      ? Confidence::Strong
            : databases && fileName.starts_with("pgbouncer") ? Confidence::Likely
                                                             : Confidence::No;
    }
    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<PgbouncerIniReader>();
    }
};

} // namespace

const Importer &pgbouncerIniImporter()
{
    static const PgbouncerIniImporter importer;
    return importer;
}

} // namespace tailscope::import
