// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/tracecalc.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>

namespace tailscope::analysis {

namespace {

// What senders say about sampling. The order is that of the columns of the statement on roots.
constexpr std::array<std::string_view, 5> kKeys{"tracestate", "w3c.tracestate", "sampling.probability",
    "sampler.param", "sampler.type"};

// Values of kKeys on one set or span.
struct Sampling
{
    std::array<std::string, 5> values;

    std::optional<double> weight() const
    {
        for (const std::string &state : {values[0], values[1]}) {
            if (const std::optional<double> weight = weightOfTraceState(state))
                return weight;
        }
        if (const std::optional<double> p = parseDouble(values[2]))
            return weightOfProbability(*p);
        const bool isConstant = values[4] == "const";
        if (!values[4].empty() && !isConstant && values[4] != "probabilistic")
            return std::nullopt; // a rate limit says nothing about one trace
        if (isConstant)
            return values[3] == "true" || values[3] == "1" ? std::optional<double>(1) : std::nullopt;
        const std::optional<double> p = parseDouble(values[3]);
        return p ? weightOfProbability(*p) : std::nullopt;
    }
};

std::string inList(std::size_t count)
{
    std::string list;
    for (std::size_t i = 0; i < count; ++i)
        list += i == 0 ? "?" : ", ?";
    return list;
}

} // namespace

std::optional<double> weightOfProbability(double probability)
{
    if (!(probability > 0) || probability > 1)
        return std::nullopt;
    return 1 / probability;
}

std::optional<double> weightOfTraceState(std::string_view tracestate)
{
    for (std::string_view member : split(tracestate, ',')) {
        member = trimmed(member);
        if (!member.starts_with("ot="))
            continue;
        for (const std::string_view field : split(member.substr(3), ';')) {
            if (field.starts_with("th:")) {
                const std::string_view digits = field.substr(3);
                const std::optional<std::uint64_t> threshold = parseHex64(digits);
                if (!threshold || digits.empty() || digits.size() > 14)
                    return std::nullopt;
                const double rejected = std::ldexp(double(*threshold), -4 * int(digits.size()));
                return weightOfProbability(1 - rejected);
            }
            if (field.starts_with("p:")) {
                const std::optional<std::uint64_t> power = parseUint64(field.substr(2));
                if (!power || *power > 62) // 63 stands for "never sampled"
                    return std::nullopt;
                return std::ldexp(1.0, int(*power));
            }
        }
    }
    return std::nullopt;
}

Result<void> TraceCalcWriter::prepare()
{
    Result<store::Statement> insert
        = m_writer.prepare("INSERT OR REPLACE INTO trace_calc (id, root_span_id, start_ns, duration_ns, "
                           "span_count, error_count, weight)"
                           " VALUES (?, ?, ?, ?, ?, ?, ?)");
    if (!insert)
        return tl::unexpected(std::move(insert.error()));
    m_insert = std::move(*insert);
    std::string sql = "SELECT attribute_set, resource_set, attributes IS NOT NULL";
    for (const std::string_view key : kKeys) {
        sql += ", CASE WHEN instr(attributes, '\"" + std::string(key)
            + "\"') > 0 AND json_valid(attributes) THEN json_extract(attributes, '$.\"" + std::string(key)
            + "\"') END";
    }
    Result<store::Statement> root = m_writer.prepare(sql + " FROM span_raw WHERE id = ?");
    if (!root)
        return tl::unexpected(std::move(root.error()));
    m_root = std::move(*root);
    return readSetWeights();
}

// Weights that attribute sets of the source state; most sources have none.
Result<void> TraceCalcWriter::readSetWeights()
{
    Result<store::Statement> keys
        = m_writer.prepare("SELECT id, text FROM string WHERE text IN (" + inList(kKeys.size()) + ")");
    if (!keys)
        return tl::unexpected(std::move(keys.error()));
    std::map<std::int64_t, std::size_t> keyOfId;
    for (std::size_t i = 0; i < kKeys.size(); ++i)
        keys->bind(int(i), kKeys[i]);
    for (;;) {
        const Result<bool> row = keys->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        keyOfId[keys->integer(0)]
            = std::size_t(std::find(kKeys.begin(), kKeys.end(), keys->text(1)) - kKeys.begin());
    }
    if (keyOfId.empty())
        return {};

    Result<store::Statement> items = m_writer.prepare(
        "SELECT i.set_id, i.key_id, CASE i.type WHEN 1 THEN"
        " CASE typeof(i.value) WHEN 'integer' THEN (SELECT text FROM string WHERE id = i.value) ELSE i.value "
        "END"
        " ELSE i.value END FROM attribute_set AS s CROSS JOIN attribute_set_item AS i ON i.set_id = s.id"
        " WHERE s.source_id = ? AND i.key_id IN ("
        + inList(keyOfId.size()) + ") ORDER BY i.set_id");
    if (!items)
        return tl::unexpected(std::move(items.error()));
    items->bind(0, m_source.id);
    int parameter = 1;
    for (const auto &[id, key] : keyOfId)
        items->bind(parameter++, id);
    std::map<std::int64_t, Sampling> sets;
    for (;;) {
        const Result<bool> row = items->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        sets[items->integer(0)].values[keyOfId[items->integer(1)]] = std::string(items->text(2));
    }
    std::vector<std::int64_t> ids;
    for (const auto &[set, sampling] : sets) {
        if (const std::optional<double> weight = sampling.weight()) {
            ids.push_back(set);
            m_setWeights.push_back(*weight);
        }
    }
    m_weightedSets = IdIndex(std::move(ids));
    return {};
}

Result<std::optional<double>> TraceCalcWriter::weightOf(std::uint32_t root)
{
    std::optional<double> weight;
    m_root.bind(0, m_source.spans.idOf(root));
    const Result<bool> row = m_root.step();
    if (!row)
        return tl::unexpected(row.error());
    if (*row) {
        if (m_root.integer(2) != 0) {
            Sampling sampling;
            for (std::size_t i = 0; i < kKeys.size(); ++i)
                sampling.values[i] = std::string(m_root.text(int(i) + 3));
            weight = sampling.weight();
        }
        for (const int column : {0, 1}) {
            const std::uint32_t set = m_weightedSets.find(m_root.integer(column));
            if (!weight && set != IdIndex::kAbsent)
                weight = m_setWeights[set];
        }
    }
    m_root.reset();
    return weight;
}

Result<void> TraceCalcWriter::write(SpillBuckets<TraceRecord> &traces, const Progress &progress)
{
    TS_TRY(prepare());
    std::vector<TraceRecord> rows;
    for (std::size_t bucket = 0; bucket < traces.bucketCount(); ++bucket) {
        if (progress.isCancelled())
            return fail(ErrorCode::Cancelled, m_writer.path().string(), "cancelled while deriving traces");
        rows.clear();
        TS_TRY(traces.take(bucket, rows));
        if (rows.empty())
            continue;
        std::sort(rows.begin(), rows.end(),
            [](const TraceRecord &a, const TraceRecord &b) { return a.trace < b.trace; });
        TS_TRY(m_writer.begin());
        for (const TraceRecord &trace : rows) {
            m_insert.bind(0, m_source.traces.idOf(trace.trace));
            m_insert.bind(2, trace.start);
            m_insert.bindNanos(3, trace.anyKnown ? saturatingSub(trace.end, trace.start) : kUnknownNanos);
            m_insert.bind(4, std::int64_t(trace.spans));
            m_insert.bind(5, std::int64_t(trace.errors));
            if (trace.root == kNoOrdinal) {
                m_insert.bindNull(1);
                m_insert.bindNull(6);
            } else {
                m_insert.bind(1, m_source.spans.idOf(trace.root));
                const Result<std::optional<double>> weight = weightOf(trace.root);
                if (!weight) {
                    m_writer.rollback();
                    return tl::unexpected(weight.error());
                }
                m_insert.bindOptional(6, *weight);
            }
            if (const Result<void> done = m_insert.run(); !done) {
                m_writer.rollback();
                return done;
            }
        }
        TS_TRY(m_writer.commit());
    }
    return {};
}

} // namespace tailscope::analysis
