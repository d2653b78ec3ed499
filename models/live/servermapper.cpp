// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/servermapper.h"

#include "base/text.h"
#include "import/common/consoletables.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tailscope::live {

namespace {

using Set = import::PgbouncerRows::Set;
using Type = import::CatalogCell::Type;

/// Answers that are larger are not kept to be looked back at.
constexpr std::size_t kMaxKept = 4u << 20;
/// Answers of a pooler within this are of one moment.
constexpr Nanos kTogether = 500 * kNanosPerMilli;

/// What makes a server another one in the workspace; its start does not.
std::string identityOf(const ServerFacts &facts)
{
    return facts.host + '\x1f' + std::to_string(facts.port) + '\x1f' + facts.dbname + '\x1f'
        + facts.versionText + '\x1f' + facts.systemIdentifier + '\x1f'
        + (facts.timeline ? std::to_string(*facts.timeline) : "") + '\x1f'
        + (facts.inRecovery ? std::to_string(*facts.inRecovery) : "");
}

/// host:port, as series name it; empty = unknown.
std::string instanceOf(const ServerFacts &facts)
{
    return facts.host.empty() ? std::string() : facts.host + ':' + std::to_string(facts.port);
}

bool hasTimes(const import::CatalogShape &shape)
{
    return !shape.counters().empty()
        || std::any_of(shape.views().begin(), shape.views().end(),
            [](const import::CatalogShape::View &view) { return view.view->sampled; });
}

} // namespace

ServerMapper::ServerMapper(RowSink &sink, import::ImportReport &report, std::string label)
    : m_report(report)
    , m_sink(sink, std::move(label))
    , m_time(import::ReadOptions{})
{}

ServerMapper::~ServerMapper() = default;

void ServerMapper::connected(std::shared_ptr<const ServerFacts> facts, Nanos ourNs)
{
    const std::string identity = identityOf(*facts);
    if (identity != m_identity)
        finish(); // what waits is of the other server, by its clock
    m_facts = std::move(facts);
    m_sink.setFacts(m_facts);
    for (auto &[probe, state] : m_probes) {
        state.leftOut.clear();
        // What is there and has no time is not there twice because we were away.
        if (identity != m_identity || hasTimes(*state.shape))
            state.filter.forgetAll();
    }
    if (m_statements)
        m_statements->forgetAll();
    if (identity != m_identity) {
        m_identity = identity;
        newServer(ourNs);
    }
}

/// The mappers keep what they know of a server: another one gets new ones.
void ServerMapper::newServer(Nanos ourNs)
{
    m_statements.reset();
    m_sink.setOurClock(m_facts->engine == Engine::Pgbouncer);
    if (m_facts->engine == Engine::Pgbouncer) {
        m_pooler = std::make_unique<import::PgbouncerRows>(m_sink, m_report);
        m_pooler->setInstance(instanceOf(*m_facts));
        return;
    }
    m_pooler.reset();
    m_catalog = std::make_unique<import::CatalogRows>(m_sink, m_report, m_time);
    const ServerFacts &facts = *m_facts;
    const std::string port = std::to_string(facts.port), version = std::to_string(facts.versionNum),
                      timeline = facts.timeline ? std::to_string(*facts.timeline) : std::string(),
                      started
        = facts.postmasterStartNs == kUnknownNanos ? std::string() : utcTimestamp(facts.postmasterStartNs),
                      now = utcTimestamp(saturatingAdd(ourNs, facts.clockDifferenceNs));
    const std::array<std::pair<const char *, std::string_view>, 10> row{{
        {"host", facts.host},
        {"port", port},
        {"dbname", facts.dbname},
        {"server_version", facts.versionText},
        {"server_version_num", version},
        {"system_identifier", facts.systemIdentifier},
        {"timeline", timeline},
        {"in_recovery",
            !facts.inRecovery       ? ""
                : *facts.inRecovery ? "t"
                                    : "f"},
        {"postmaster_start_time", started},
        {"ts", now},
    }};
    std::vector<std::string> names;
    m_cells.clear();
    for (const auto &[name, value] : row) {
        names.emplace_back(name);
        m_cells.push_back({value.empty() ? Type::Null : Type::Text, value});
    }
    m_catalog->take(import::CatalogShape(std::move(names)), {m_cells, 0, 0, {}});
    m_server = m_catalog->server();
}

void ServerMapper::take(const Sample &sample)
{
    if (!m_facts || !sample.probe)
        return;
    ownCost(sample);
    if (sample.error)
        return;
    switch (sample.probe->mapping) {
    case Mapping::Catalog:
        return takeCatalog(sample);
    case Mapping::Statements:
        if (!m_statements)
            m_statements = std::make_unique<StatementMapper>(m_sink, m_report, *sample.probe);
        return m_statements->take(sample.rows, sample.receivedNs, m_server);
    case Mapping::Pooler:
        return takePooler(sample);
    case Mapping::Facts:
        return;
    }
}

/// What a run took, at the time of the run: also says when the probe was asked although nothing changed.
void ServerMapper::ownCost(const Sample &sample)
{
    auto found = m_costs.find(sample.probe);
    if (found == m_costs.end()) {
        std::string labels = "{\"probe\":";
        appendJsonQuoted(labels, sample.probe->id);
        labels += '}';
        const std::string instance = instanceOf(*m_facts);
        SeriesRow series;
        series.metric = series.foreignName = "tailscope.probe.duration";
        series.service = m_sink.label();
        series.instance = instance;
        series.labelsJson = labels;
        series.unit = "ms";
        series.kind = SeriesKind::Gauge;
        found = m_costs.emplace(sample.probe, m_sink.series(series)).first;
    }
    m_sink.ourPoint(found->second, sample.receivedNs,
        static_cast<double>(sample.receivedNs - sample.sentNs) / kNanosPerMilli);
}

void ServerMapper::takeCatalog(const Sample &sample)
{
    if (!m_catalog)
        return;
    CatalogProbe &probe = m_probes.try_emplace(sample.probe, *sample.probe).first->second;
    if (probe.columns != sample.rows.columns) {
        probe.columns = sample.rows.columns;
        std::vector<std::string> names;
        for (const std::string &name : probe.columns)
            names.push_back(import::CatalogShape::cleanName(name));
        probe.shape = std::make_unique<import::CatalogShape>(std::move(names));
        probe.leftOut.clear();
    }
    if (!probe.shape->isKnown())
        return m_report.note(import::IssueSeverity::Notice, "unknown-result-set", 0,
            "the answer to " + std::string(sample.probe->id) + " has the columns of no view that is known");
    m_catalog->header(probe.shape.get(), 0);
    const bool isCounter = !probe.shape->counters().empty() && !sample.probe->key.empty();
    std::unordered_map<std::uint64_t, std::size_t> leftOut;
    std::size_t next = 0;
    const std::vector<std::size_t> &stored = probe.filter.take(sample.rows, sample.receivedNs);
    for (std::size_t row = 0; row < sample.rows.rows(); ++row) {
        const bool isStored = next < stored.size() && stored[next] == row;
        const bool hasChanged = isStored && probe.filter.hasChanged(next);
        next += isStored ? 1 : 0;
        if (isCounter) {
            const std::uint64_t key = probe.filter.keyOf(sample.rows, row);
            const auto before = probe.leftOut.find(key);
            if (!isStored)
                leftOut.emplace(key, row);
            else if (before != probe.leftOut.end() && hasChanged)
                storeRow(probe, probe.before, before->second);
        }
        if (isStored)
            storeRow(probe, sample.rows, row);
    }
    if (isCounter && sample.rows.bytes() <= kMaxKept && !leftOut.empty()) {
        probe.before = sample.rows;
        probe.leftOut = std::move(leftOut);
    } else {
        probe.before.clear();
        probe.leftOut.clear();
    }
}

void ServerMapper::storeRow(CatalogProbe &probe, const ResultSet &rows, std::size_t row)
{
    const int time = probe.shape->timeColumn();
    m_cells.clear();
    for (std::size_t column = 0; column < rows.columns.size(); ++column) {
        // One answer has one time, whether the server's function stands still or not.
        const bool isTime = static_cast<int>(column) == time;
        const auto value = rows.cell(isTime ? 0 : row, column);
        m_cells.push_back({value ? Type::Text : Type::Null, value.value_or("")});
    }
    m_catalog->take(*probe.shape, {m_cells, 0, 0, {}});
}

void ServerMapper::takePooler(const Sample &sample)
{
    if (!m_pooler)
        return;
    m_names.clear();
    for (const std::string &name : sample.rows.columns)
        m_names.push_back(toLowerAscii(name));
    const Set set = import::PgbouncerRows::setOf(m_names);
    if (set == Set::None)
        return;
    // Pools take their counters from the statistics of the same moment: a set that comes again begins anew.
    if (m_poolerSets.empty() || m_poolerSets.contains(set) || sample.receivedNs - m_poolerNs > kTogether) {
        m_pooler->beginSnapshot(sample.receivedNs);
        m_poolerSets.clear();
        m_poolerNs = sample.receivedNs;
    }
    m_poolerSets.insert(set);
    for (std::size_t row = 0; row < sample.rows.rows(); ++row) {
        m_texts.clear();
        for (std::size_t column = 0; column < m_names.size(); ++column)
            m_texts.push_back(trimmed(sample.rows.cell(row, column).value_or("")));
        import::ConsoleItem item;
        item.kind = import::ConsoleItem::Kind::Row;
        item.names = m_names;
        item.cells = m_texts;
        item.isFirst = row == 0;
        m_pooler->take(set, item);
    }
    if (m_poolerSets.contains(Set::Pools) && m_poolerSets.contains(Set::Stats)) {
        m_pooler->beginSnapshot(sample.receivedNs);
        m_poolerSets.clear();
    }
}

void ServerMapper::finish()
{
    if (m_statements)
        m_statements->finish();
    if (m_catalog)
        m_catalog->finish();
    if (m_pooler)
        m_pooler->finish();
    m_poolerSets.clear();
}

std::int64_t ServerMapper::unchanged() const
{
    std::int64_t sum = m_statements ? m_statements->unchanged() : 0;
    for (const auto &[probe, state] : m_probes)
        sum += state.filter.unchanged();
    return sum;
}

} // namespace tailscope::live
