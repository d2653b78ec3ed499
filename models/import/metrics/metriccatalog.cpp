// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/metrics/metriccatalog.h"

#include "import/metrics/metricunits.h"
#include "metrics/embeddedmetrics.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <QLoggingCategory>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

namespace tailscope::import {

namespace {

constexpr std::string_view kTotal = "_total";

MetricRowKind rowKindOf(std::string_view text, bool &known)
{
    static constexpr std::array<std::pair<std::string_view, MetricRowKind>, 8> kKinds{
        {{"", MetricRowKind::None}, {"pool", MetricRowKind::Pool}, {"replica", MetricRowKind::Replica},
            {"slot", MetricRowKind::Slot}, {"queue", MetricRowKind::Queue}, {"cache", MetricRowKind::Cache},
            {"setting", MetricRowKind::Setting}, {"config", MetricRowKind::Config}}};
    for (const auto &[name, kind] : kKinds) {
        if (name == text)
            return kind;
    }
    known = false;
    return MetricRowKind::None;
}

std::vector<std::string> textsOf(const toml::node_view<const toml::node> &node)
{
    std::vector<std::string> texts;
    if (const auto one = node.value<std::string>())
        texts.push_back(*one);
    if (const toml::array *list = node.as_array()) {
        for (const toml::node &element : *list) {
            if (const auto text = element.value<std::string>())
                texts.push_back(*text);
        }
    }
    return texts;
}

} // namespace

/// One file under way.
class CatalogReader
{
public:
    CatalogReader(MetricCatalog &catalog, const std::string &file)
        : m_catalog(catalog)
        , m_file(file)
    {}

    Result<void> section(std::string_view name, const toml::table &table)
    {
        MetricMeaning defaults;
        TS_TRY(read(table, defaults));
        const toml::array *metrics = table["metrics"].as_array();
        if (metrics == nullptr)
            return broken("section '" + std::string(name) + "' has no list \"metrics\"", table);
        for (const toml::node &node : *metrics) {
            const toml::table *entry = node.as_table();
            if (entry == nullptr)
                return broken("a metric of section '" + std::string(name) + "' is no table", node);
            TS_TRY(metric(*entry, defaults));
        }
        return {};
    }

    void finish()
    {
        std::stable_sort(m_catalog.m_patterns.begin(), m_catalog.m_patterns.end(),
            [](const auto &a, const auto &b) {
                return a.before.size() + a.after.size() > b.before.size() + b.after.size();
            });
    }

private:
    Result<void> broken(const std::string &what, const toml::node &node) const
    {
        const auto line = static_cast<std::uint64_t>(node.source().begin.line);
        return fail(Error{ErrorCode::BadInput, m_file, what, Location{std::nullopt, line, std::nullopt},
            "The head of resources/metrics.toml says what may stand there."});
    }

    /// What stands in a section or a metric, over what is there already.
    Result<void> read(const toml::table &table, MetricMeaning &into) const
    {
        const auto text = [&](const char *key, std::string &to) {
            if (const auto value = table[key].value<std::string>())
                to = *value;
        };
        text("to", into.canonical);
        text("unit", into.unit);
        text("from", into.from);
        text("kind", into.rowKind);
        text("column", into.column);
        text("sum", into.sum);
        text("count", into.count);
        text("percentiles", into.percentiles);
        text("prefix", into.prefix);
        if (const auto row = table["row"].value<std::string>()) {
            bool known = true;
            into.row = rowKindOf(*row, known);
            if (!known)
                return broken("unknown row '" + *row + "'", table);
        }
        for (const auto &[key, list] : {std::pair{"subject", &into.subject}, std::pair{"group", &into.group},
                 std::pair{"instance", &into.instance}, std::pair{"by", &into.by}}) {
            if (table.contains(key))
                *list = textsOf(table[key]);
        }
        into.joined = table["joined"].value_or(into.joined);
        if (const auto share = table["share"].value<std::string>())
            into.share = *share == "each" ? MetricMeaning::Share::Each : MetricMeaning::Share::One;
        if (const auto series = table["series"].value<std::string>()) {
            if (*series != "gauge" && *series != "counter")
                return broken("a series is \"gauge\" or \"counter\"", table);
            into.kind = *series == "gauge" ? SeriesKind::Gauge : SeriesKind::Counter;
        }
        if (const toml::table *set = table["set"].as_table()) {
            for (const auto &[key, value] : *set)
                into.labels.emplace_back(key.str(), value.value_or(std::string()));
        }
        if (const toml::table *columns = table["columns"].as_table()) {
            for (const auto &[key, value] : *columns)
                into.columns.emplace(key.str(), value.value_or(std::string()));
        }
        if (const toml::table *also = table["also"].as_table()) {
            for (const auto &[key, value] : *also)
                into.also.emplace(key.str(), value.value_or(std::int64_t(0)));
        }
        return {};
    }

    Result<void> metric(const toml::table &entry, const MetricMeaning &defaults)
    {
        MetricMeaning meaning = defaults;
        TS_TRY(read(entry, meaning));
        const std::vector<std::string> names = textsOf(entry["name"]);
        if (names.empty() || meaning.canonical.empty())
            return broken("a metric needs \"name\" and \"to\"", entry);
        if (!meaning.from.empty() && !unitFactor(meaning.from, meaning.unit))
            return broken("'" + meaning.from + "' is no other writing of '" + meaning.unit + "'", entry);
        const MetricMeaning *kept = &m_catalog.m_meanings.emplace_back(std::move(meaning));
        for (const std::string &name : names) {
            const std::size_t star = name.find('*');
            if (star != std::string::npos)
                m_catalog.m_patterns.push_back({name.substr(0, star), name.substr(star + 1), kept});
            else if (!m_catalog.m_names.emplace(name, kept).second)
                return broken("'" + name + "' is there twice", entry);
        }
        return {};
    }

    MetricCatalog &m_catalog;
    std::string m_file;
};

std::vector<std::string> MetricMeaning::allColumns() const
{
    std::vector<std::string> all;
    for (const std::string *one : {&column, &sum, &count}) {
        if (!one->empty())
            all.push_back(*one);
    }
    for (const auto &[value, name] : columns)
        all.push_back(name);
    for (const auto &[name, value] : also)
        all.push_back(name);
    if (!percentiles.empty()) {
        for (const char *quantile : {"_p50_ms", "_p95_ms", "_p99_ms"})
            all.push_back(percentiles + quantile);
    }
    return all;
}

std::string normalizedMetricName(std::string_view name)
{
    std::string out(name);
    for (char &c : out) {
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
        else if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')))
            c = '_';
    }
    if (out.ends_with(kTotal) && out.size() > kTotal.size())
        out.resize(out.size() - kTotal.size());
    return out;
}

Result<MetricCatalog> MetricCatalog::parse(std::string_view toml, const std::string &file)
{
    const toml::parse_result parsed = toml::parse(toml, file);
    if (!parsed) {
        const auto line = static_cast<std::uint64_t>(parsed.error().source().begin.line);
        return fail(Error{ErrorCode::BadInput, file, std::string(parsed.error().description()),
            Location{std::nullopt, line, std::nullopt}, "Mend the line."});
    }
    MetricCatalog catalog;
    CatalogReader reader(catalog, file);
    for (const auto &[name, node] : parsed.table()) {
        const toml::table *table = node.as_table();
        if (table == nullptr)
            return fail(ErrorCode::BadInput, file, "'" + std::string(name.str()) + "' is no section",
                "Write [name].");
        TS_TRY(reader.section(name.str(), *table));
    }
    reader.finish();
    return catalog;
}

const MetricCatalog &MetricCatalog::builtin()
{
    static const MetricCatalog catalog = [] {
        Result<MetricCatalog> parsed = parse(kMetricsToml, "metrics.toml");
        // Our own file, compiled in and read by a test: without it every metric keeps its foreign name.
        if (!parsed) {
            qCritical("metrics.toml: %s", parsed.error().detail.c_str());
            return MetricCatalog();
        }
        return std::move(*parsed);
    }();
    return catalog;
}

bool MetricCatalog::findNormal(std::string_view name, std::string_view foreign, Found &found) const
{
    std::string_view middle;
    if (const auto exact = m_names.find(std::string(name)); exact != m_names.end()) {
        found.meaning = exact->second;
        middle = name;
    } else {
        const auto pattern = std::find_if(m_patterns.begin(), m_patterns.end(), [&](const Pattern &one) {
            return name.size() > one.before.size() + one.after.size() && name.starts_with(one.before)
                && name.ends_with(one.after);
        });
        if (pattern == m_patterns.end())
            return false;
        found.meaning = pattern->meaning;
        middle = name.substr(pattern->before.size(),
            name.size() - pattern->before.size() - pattern->after.size());
        if (pattern->before.empty())
            found.subject = foreign.substr(0, middle.size());
    }
    found.canonical = found.meaning->canonical;
    const std::string &prefix = found.meaning->prefix;
    if (!prefix.empty() && middle.starts_with(prefix))
        middle.remove_prefix(prefix.size());
    if (const std::size_t star = found.canonical.find('*'); star != std::string::npos)
        found.canonical.replace(star, 1, middle);
    return true;
}

MetricCatalog::Found MetricCatalog::find(std::string_view foreignName) const
{
    Found found;
    const std::string whole = normalizedMetricName(foreignName);
    static constexpr std::array<std::pair<std::string_view, MetricPart>, 4> kParts{{{"", MetricPart::Whole},
        {"_sum", MetricPart::Sum}, {"_count", MetricPart::Count}, {"_bucket", MetricPart::Bucket}}};
    for (const auto &[suffix, part] : kParts) {
        std::string_view name = whole;
        if (!name.ends_with(suffix) || name.size() == suffix.size())
            continue;
        name.remove_suffix(suffix.size());
        const NameAndUnit bare = splitUnitSuffix(name);
        // The exact name first, then the same without its unit, then patterns.
        const bool exact = m_names.contains(std::string(name));
        const bool without = !exact && !bare.unit.empty() && m_names.contains(std::string(bare.name));
        if (!findNormal(without ? bare.name : name, foreignName, found))
            continue;
        found.part = part;
        if (without)
            found.unit = bare.unit;
        return found;
    }
    return found;
}

} // namespace tailscope::import
