// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/text.h"
#include "import/dbconfig/conffile.h"
#include "import/dbconfig/configrow.h"
#include "import/dbconfig/dbconfig.h"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "hikari-config",
    "HikariCP settings (properties, YAML)",
    "*.properties *.yml *.yaml",
    SourceKind::Config,
    "application.properties or application.yml of Spring with spring.datasource.hikari.*, or "
    "hikari.properties.",
};

struct Known
{
    std::string_view name; ///< without '-' and '_', in lower case: Spring binds loosely
    std::string_view key, unit;
};
constexpr std::array<Known, 8> kKnown{{
    {"maximumpoolsize", "size", ""},
    {"minimumidle", "min_idle", ""},
    {"connectiontimeout", "acquire_timeout_ms", "ms"},
    {"idletimeout", "idle_timeout_ms", "ms"},
    {"maxlifetime", "max_lifetime_ms", "ms"},
    {"keepalivetime", "keepalive_ms", "ms"},
    {"leakdetectionthreshold", "leak_detection_ms", "ms"},
    {"validationtimeout", "validation_timeout_ms", "ms"},
}};

std::string plain(std::string_view name)
{
    std::string out;
    for (const char c : toLowerAscii(name)) {
        if (c != '-' && c != '_')
            out += c;
    }
    return out;
}

const Known *knownKey(std::string_view name)
{
    const std::string wanted = plain(name);
    const auto *found = std::find_if(kKnown.begin(), kKnown.end(),
        [&](const Known &known) { return known.name == wanted; });
    return found == kKnown.end() ? nullptr : found;
}

std::string_view lastPart(std::string_view path)
{
    const std::size_t dot = path.rfind('.');
    return dot == std::string_view::npos ? path : path.substr(dot + 1);
}
std::string_view parentOf(std::string_view path)
{
    const std::size_t dot = path.rfind('.');
    return dot == std::string_view::npos ? std::string_view() : path.substr(0, dot);
}

struct Entry
{
    std::string path, value;
    std::uint64_t offset = 0, length = 0;
    std::string raw;
};

/// "a.b.c=value" or "a.b.c: value"; the place of the separator, npos when there is none.
std::size_t separatorOf(std::string_view line) { return line.find_first_of("=:"); }

/// Keys of a file as paths: properties, and the block mappings of YAML (anchors, lists and flow style are not
/// followed: they hold no pool settings).
class ConfigPaths
{
public:
    void take(const Line &line)
    {
        const std::string_view text = trimmed(line.text);
        if (text == "---") {
            m_levels.clear();
            ++m_document;
            return;
        }
        if (text.empty() || text.front() == '#' || text.front() == '!' || text.front() == '-')
            return;
        const std::size_t at = separatorOf(text);
        if (at == std::string_view::npos || at == 0)
            return;
        const std::string_view key = trimmed(text.substr(0, at));
        std::string_view value = trimmed(text.substr(at + 1));
        const bool yaml = text[at] == ':' && (at + 1 == text.size() || text[at + 1] == ' ');
        if (yaml && !value.empty() && value.front() != '\'' && value.front() != '"')
            value = trimmed(value.substr(0, value.find(" #")));
        const std::size_t indent = line.text.find_first_not_of(" \t\xEF\xBB\xBF");
        while (!m_levels.empty() && (m_levels.back().first >= indent || !yaml))
            m_levels.pop_back();
        std::string path = m_levels.empty() ? std::string() : m_levels.back().second + '.';
        path += confValue(key);
        if (path.size() > 1000)
            return;
        if (yaml && value.empty()) {
            if (m_levels.size() < 64)
                m_levels.emplace_back(indent, path);
            return;
        }
        if (entries.size() < kMaxConfKeys)
            entries.push_back({std::to_string(m_document) + '\x1F' + path, confValue(value), line.offset,
                line.length, std::string(line.text)});
    }

    std::vector<Entry> entries; ///< path: number of the YAML document, '\x1F', names with dots

private:
    std::vector<std::pair<std::size_t, std::string>> m_levels; ///< indentation and path of each open mapping
    int m_document = 0;
};

class HikariConfigReader final : public Reader
{
public:
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override
    {
        ConfigPaths paths;
        TS_TRY(readConfLines(source, sink, report, [&](const Line &line) { paths.take(line); }));
        for (const Entry &entry : paths.entries)
            m_values[entry.path] = resolved(entry, report);
        for (const Entry &entry : paths.entries)
            takeEntry(entry, sink, report);
        if (report.rowsRead() == 0 && report.rowsSkipped() == 0)
            return fail(ErrorCode::BadInput, source.name(), "it has no setting of HikariCP",
                "A line is: spring.datasource.hikari.maximum-pool-size=20");
        return {};
    }

private:
    /// "${DB_POOL:20}" is 20 unless the environment says otherwise.
    static std::string resolved(const Entry &entry, ImportReport &report)
    {
        const std::string &value = entry.value;
        if (!value.starts_with("${") || !value.ends_with('}'))
            return value;
        report.note(IssueSeverity::Notice, "placeholder", entry.offset,
            "values out of the environment are unknown: their defaults were taken");
        const std::size_t colon = value.find(':');
        return colon == std::string::npos ? std::string() : value.substr(colon + 1, value.size() - colon - 2);
    }

    std::string valueOf(const std::string &path) const
    {
        const auto found = m_values.find(path);
        return found == m_values.end() ? std::string() : found->second;
    }

    void takeEntry(const Entry &entry, RowSink &sink, ImportReport &report)
    {
        const std::string_view name = entry.path;
        const std::string_view path = name.substr(name.find('\x1F') + 1);
        const std::string document(name.substr(0, name.find('\x1F') + 1));
        const std::string parent(parentOf(path));
        // hikari.properties has no prefix at all.
        const bool own = parent.empty() ? knownKey(path) != nullptr || plain(path) == "jdbcurl"
                                        : plain(lastPart(parent)) == "hikari";
        if (!own)
            return;
        const std::string owner = parent.empty() ? std::string() : std::string(parentOf(parent));
        const std::string pool = poolName(document, parent, owner);
        const std::string service = valueOf(document + "spring.application.name").empty()
            ? valueOf("0\x1Fspring.application.name")
            : valueOf(document + "spring.application.name");
        report.rowRead();
        if (m_told.insert({document + parent, true}).second)
            writeTarget(document, parent, owner, pool, service, sink);
        const std::string value = valueOf(entry.path);
        const Known *known = knownKey(lastPart(path));
        if (known == nullptr || value.empty())
            return;
        const std::optional<std::int64_t> figure = parseInt64(value);
        if (!figure || *figure < 0)
            return report.skip("bad-value", entry.offset, entry.length, "the value is no whole number",
                entry.raw);
        writeConfig(sink, {"pool", pool, service, known->key, value, known->unit});
    }

    std::string poolName(const std::string &document, const std::string &parent,
        const std::string &owner) const
    {
        const std::string prefix = document + (parent.empty() ? "" : parent + '.');
        for (const char *name : {"pool-name", "poolName", "pool_name"}) {
            if (const std::string value = valueOf(prefix + name); !value.empty())
                return value;
        }
        // One datasource is called so by everybody; of several the name tells.
        return owner.empty() ? "HikariPool-1" : std::string(lastPart(owner));
    }

    void writeTarget(const std::string &document, const std::string &parent, const std::string &owner,
        const std::string &pool, const std::string &service, RowSink &sink)
    {
        const std::string inner = document + (parent.empty() ? "" : parent + '.'),
                          outer = document + (owner.empty() ? "" : owner + '.');
        for (const std::string &path :
            {inner + "jdbc-url", inner + "jdbcUrl", outer + "url", outer + "jdbc-url"}) {
            const std::string target = jdbcTarget(valueOf(path));
            if (!target.empty())
                return writeConfig(sink, {"pool", pool, service, "target", target, {}});
        }
    }

    std::map<std::string, std::string> m_values;
    std::map<std::string, bool> m_told;
};

class HikariConfigImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        bool below = false;
        while (!prefix.empty()) {
            const std::size_t end = prefix.find('\n');
            const std::string_view line = trimmed(prefix.substr(0, end));
            prefix.remove_prefix(end == std::string_view::npos ? prefix.size() : end + 1);
            const std::size_t at = separatorOf(line);
            if (at == std::string_view::npos || line.starts_with('#') || line.starts_with('{'))
                continue;
            const std::string_view path = trimmed(line.substr(0, at));
            if (path.find(' ') != std::string_view::npos)
                continue;
            below = below || plain(path) == "hikari";
            const bool prefixed = plain(lastPart(parentOf(path))) == "hikari";
            const bool bare = path == "maximumPoolSize" || path == "minimumIdle";
            if ((below || prefixed || bare) && knownKey(lastPart(path)) != nullptr)
                return Confidence::Strong;
        }
        return Confidence::No;
    }
    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<HikariConfigReader>();
    }
};

} // namespace

const Importer &hikariConfigImporter()
{
    static const HikariConfigImporter importer;
    return importer;
}

} // namespace tailscope::import
