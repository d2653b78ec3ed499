// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/spanbindings.h"

#include <algorithm>
#include <string>

namespace tailscope::analysis {

namespace {

constexpr std::int64_t kRowsPerTransaction = 50'000;

// Runs `write` for each of `count` items, in transactions of bounded length.
template<typename Write>
Result<void> inTransactions(store::Database &writer, std::size_t count, const Progress &progress,
    Write &&write)
{
    for (std::size_t at = 0; at < count;) {
        if (progress.isCancelled())
            return fail(ErrorCode::Cancelled, writer.path().string(), "cancelled while deriving spans");
        TS_TRY(writer.begin());
        const std::size_t end = std::min(count, at + std::size_t(kRowsPerTransaction));
        for (; at < end; ++at) {
            const Result<void> done = write(at);
            if (!done) {
                writer.rollback();
                return done;
            }
        }
        TS_TRY(writer.commit());
    }
    return {};
}

struct Link
{
    std::uint32_t from = 0, to = 0; // spans: `from` follows from `to`
};

// The chain of one flow key: its ends come in order of time.
class FlowChain
{
public:
    explicit FlowChain(std::vector<Link> &links)
        : m_links(links)
    {}
    void begin() { m_last = kNoOrdinal; }
    void add(FlowRow::Phase phase, std::uint32_t span)
    {
        if (phase != FlowRow::Phase::Start && m_last != kNoOrdinal && span != kNoOrdinal && span != m_last)
            m_links.push_back({span, m_last});
        // A finish does not move the chain on: one start may have several.
        if (phase != FlowRow::Phase::Finish)
            m_last = span;
    }

private:
    std::vector<Link> &m_links;
    std::uint32_t m_last = kNoOrdinal;
};

Result<std::vector<Link>> flowLinks(store::Database &database, const DeriveSource &source,
    const std::vector<std::uint32_t> &spanOfFlow)
{
    Result<store::Statement> rows = database.prepare(
        "SELECT id, phase, flow_key FROM flow_raw WHERE source_id = ? AND id BETWEEN ? AND ?"
        " ORDER BY flow_key, ts_ns, phase, id");
    if (!rows)
        return tl::unexpected(std::move(rows.error()));
    rows->bind(0, source.id);
    rows->bind(1, source.flows.runs().front().first);
    rows->bind(2, source.flows.runs().back().first + source.flows.runs().back().count - 1);
    std::vector<Link> links;
    FlowChain chain(links);
    std::string key;
    bool isFirst = true;
    for (;;) {
        const Result<bool> row = rows->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return links;
        if (isFirst || rows->text(2) != key) {
            key = std::string(rows->text(2));
            isFirst = false;
            chain.begin();
        }
        const std::uint32_t flow = source.flows.ordinalOf(rows->integer(0));
        const auto phase = FlowRow::Phase(std::clamp<std::int64_t>(rows->integer(1), 0, 2));
        chain.add(phase, flow == kNoOrdinal ? kNoOrdinal : spanOfFlow[flow]);
    }
}

} // namespace

Result<void> writeInstants(store::Database &writer, const DeriveSource &source,
    std::vector<BindingRecord> bindings, const Progress &progress)
{
    if (bindings.empty())
        return {};
    std::sort(bindings.begin(), bindings.end(),
        [](const BindingRecord &a, const BindingRecord &b) { return a.ordinal < b.ordinal; });
    Result<store::Statement> update = writer.prepare("UPDATE span_event_raw SET span_id = ? WHERE id = ?");
    if (!update)
        return tl::unexpected(std::move(update.error()));
    return inTransactions(writer, bindings.size(), progress, [&](std::size_t i) {
        update->bind(0, source.spans.idOf(bindings[i].span));
        update->bind(1, source.instants.idOf(bindings[i].ordinal));
        return update->run();
    });
}

Result<std::int64_t> writeFlowLinks(store::Database &writer, const DeriveSource &source,
    const std::vector<BindingRecord> &bindings, const Progress &progress)
{
    if (source.flows.size() == 0)
        return 0;
    std::vector<std::uint32_t> spanOfFlow(std::size_t(source.flows.size()), kNoOrdinal);
    for (const BindingRecord &binding : bindings)
        spanOfFlow[binding.ordinal] = binding.span;
    const Result<std::vector<Link>> links = flowLinks(writer, source, spanOfFlow);
    if (!links)
        return tl::unexpected(links.error());
    Result<store::Statement> insert = writer.prepare(
        "INSERT INTO span_link_raw (source_id, span_id, linked_span_id, derived) VALUES (?, ?, ?, 1)");
    if (!insert)
        return tl::unexpected(std::move(insert.error()));
    TS_TRY(inTransactions(writer, links->size(), progress, [&](std::size_t i) {
        insert->bind(0, source.id);
        insert->bind(1, source.spans.idOf((*links)[i].from));
        insert->bind(2, source.spans.idOf((*links)[i].to));
        return insert->run();
    }));
    return std::int64_t(links->size());
}

} // namespace tailscope::analysis
