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
    "postgresql-conf",
    "PostgreSQL configuration (postgresql.conf)",
    "*.conf",
    SourceKind::Config,
    "postgresql.conf, postgresql.auto.conf, or a part of it: settings of a server and its limits.",
};

constexpr int kSniffLines = 800;

struct Setting
{
    std::string name, value;
};

bool isNameChar(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/// "name = value  # comment", the '=' may be left out. nullopt for what is none; blank lines have no name.
std::optional<Setting> parseSetting(std::string_view line)
{
    line = trimmed(line);
    if (line.empty() || line.front() == '#')
        return Setting{};
    std::size_t end = 0;
    while (end < line.size() && isNameChar(line[end]))
        ++end;
    Setting setting;
    setting.name = toLowerAscii(line.substr(0, end));
    std::string_view rest = trimmed(line.substr(end));
    const bool equals = rest.starts_with('=');
    if (equals)
        rest = trimmed(rest.substr(1));
    if (setting.name.empty() || rest.empty() || (!equals && end == line.size()))
        return std::nullopt;
    if (rest.front() != '\'') {
        rest = trimmed(rest.substr(0, rest.find('#')));
        // An unquoted value is one word.
        if (rest.find_first_of(" \t") != std::string_view::npos)
            return std::nullopt;
    }
    setting.value = confValue(rest);
    return setting;
}

class PostgresqlConfReader final : public Reader
{
public:
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override
    {
        TS_TRY(readConfLines(source, sink, report, [&](const Line &line) { takeLine(line, report); }));
        if (m_settings.empty() && report.rowsSkipped() == 0)
            return fail(ErrorCode::BadInput, source.name(), "it has no setting", "A line is: name = value");
        write(sink);
        return {};
    }

private:
    void takeLine(const Line &line, ImportReport &report)
    {
        const std::optional<Setting> setting = parseSetting(line.text);
        if (!setting)
            return report.skip("bad-line", line.offset, line.length, "the line is not: name = value",
                line.text);
        if (setting->name.empty())
            return;
        if (setting->name.starts_with("include"))
            return report.note(IssueSeverity::Notice, "include", line.offset,
                "files that are included were not followed: import them too (" + setting->value + ")");
        if (m_settings.size() >= kMaxConfKeys)
            return report.skip("too-many-keys", line.offset, line.length,
                "the file has more than 20,000 settings", line.text);
        report.rowRead();
        const auto [place, isNew] = m_places.emplace(setting->name, m_settings.size());
        if (isNew) {
            m_settings.push_back(*setting);
            return;
        }
        m_settings[place->second].value = setting->value;
        report.note(IssueSeverity::Info, "set-twice", line.offset,
            "settings that stand twice have the last value, as the server takes it");
    }

    std::string valueOf(const std::string &name) const
    {
        const auto place = m_places.find(name);
        return place == m_places.end() ? std::string() : m_settings[place->second].value;
    }

    void write(RowSink &sink) const
    {
        std::string cluster = valueOf("cluster_name");
        cluster = cluster.empty() ? "postgresql" : cluster;
        std::vector<RecordField> fields{{"kind", std::string_view("postgresql")},
            {"name", std::string_view(cluster)}};
        if (const auto port = parseInt64(valueOf("port")))
            fields.push_back({"port", *port});
        RecordRow record{};
        record.table = RecordTable::Server;
        record.fields = fields;
        const RecordRef server = sink.record(record);
        for (const Setting &setting : m_settings) {
            const bool secret = isSecretSetting(setting.name);
            const std::optional<PgQuantity> quantity = pgQuantity(setting.name, setting.value);
            const std::string value = secret ? "" : quantity ? plainNumber(quantity->value) : setting.value;
            writeSetting(sink, server,
                {setting.name, value, quantity ? quantity->unit : std::string_view(), {},
                    "configuration file", {}});
        }
        const auto limit = [&](std::string_view key, const std::string &value) {
            if (parseInt64(value))
                writeConfig(sink, {"server", cluster, {}, key, value, {}});
        };
        limit("max_connections", valueOf("max_connections"));
        const auto super = parseInt64(valueOf("superuser_reserved_connections")),
                   reserved = parseInt64(valueOf("reserved_connections"));
        if (super || reserved)
            limit("reserved", std::to_string(saturatingAdd(super.value_or(3), reserved.value_or(0))));
    }

    std::vector<Setting> m_settings;
    std::map<std::string, std::size_t, std::less<>> m_places;
};

class PostgresqlConfImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        int known = 0, others = 0;
        for (int i = 0; i < kSniffLines && !prefix.empty(); ++i) {
            const std::size_t end = prefix.find('\n');
            const std::string_view line = trimmed(prefix.substr(0, end));
            prefix.remove_prefix(end == std::string_view::npos ? prefix.size() : end + 1);
            if (line.starts_with('['))
                return Confidence::No;
            // Both forms are read, only the usual one is recognised.
            const std::size_t equals = line.find('=');
            if (line.empty() || line.front() == '#')
                continue;
            const std::string name = toLowerAscii(trimmed(line.substr(0, equals)));
            ++(equals != std::string_view::npos && isPgSetting(name) ? known : others);
        }
        return known >= 2 && known * 4 >= others ? Confidence::Strong
            : known == 1 && others == 0          ? Confidence::Likely
                                                 : Confidence::No;
    }
    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<PostgresqlConfReader>();
    }
};

} // namespace

const Importer &postgresqlConfImporter()
{
    static const PostgresqlConfImporter importer;
    return importer;
}

} // namespace tailscope::import
