// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Plans of BulkInput.
#include "store/bulkinput.h"

#include "base/text.h"

#include <bit>
#include <iterator>

namespace tailscope::store {

Cell BulkInput::statementCell(std::string_view sql, const Cell &text)
{
    FingerprintCache::Known &known = m_fingerprints.find(sql);
    if (known.fingerprint.empty())
        return {};
    if (known.mark != m_batchNumber) { // the first time in this batch
        known.mark = m_batchNumber;
        known.index = static_cast<std::int64_t>(m_batch->statements.size());
        m_batch->statements.push_back({m_batch->text(known.fingerprint), text});
    }
    Cell statement;
    statement.type = Cell::Type::Statement;
    statement.value = known.index;
    return statement;
}

PlanRef BulkInput::plan(const PlanRow &row)
{
    const std::int64_t ordinal = next(Family::Plan);
    const bool kept = isKept(Family::Plan, ordinal);
    if (kept) {
        const Cell query = text(row.queryText);
        const Cell statement = statementCell(row.queryText, query);
        const Cell engine = text(row.engine), version = text(row.serverVersion),
                   settings = text(row.settingsJson),
                   source = text(utf8Prefix(row.sourceText, kMaxSourceText)), format = text(row.format),
                   extra = text(row.extraJson);
        const Cell values[]{engine, version, statement, Cell::nanos(row.capturedAtNs),
            Cell::real(row.planningMs), Cell::real(row.executionMs), Cell::real(row.durationMs),
            Cell::real(row.totalCost), settings, query, source, format, extra};
        std::copy(std::begin(values), std::end(values), addRow(Family::Plan, ordinal));
    }
    noteRow(Family::Plan, kept, hash64(row.queryText), static_cast<std::uint64_t>(row.capturedAtNs));
    return PlanRef(ordinal);
}

void BulkInput::planNode(PlanRef plan, const PlanNodeRow &row)
{
    const std::int64_t ordinal = next(Family::PlanNode);
    const bool kept = isKept(Family::PlanNode, ordinal);
    if (kept) {
        const auto o = [](const auto &value) { return Cell::optional(value); };
        const Cell type = text(row.nodeType), relationship = text(row.parentRelationship),
                   subplan = text(row.subplanName), join = text(row.joinType), relation = text(row.relation),
                   schema = text(row.schema), alias = text(row.alias), index = text(row.indexName),
                   condition = text(row.condition), filter = text(row.filter), extra = text(row.extraJson);
        // In the order of familyInfo(PlanNode).columns.
        const Cell values[]{Cell::reference(Family::Plan, static_cast<std::int64_t>(plan)),
            Cell::integer(row.id), row.parent < 0 ? Cell{} : Cell::integer(row.parent),
            Cell::integer(row.position), Cell::integer(row.depth), type, relationship, subplan, join,
            relation, schema, alias, index, condition, filter, o(row.planRows), o(row.planWidth),
            o(row.startupCost), o(row.totalCost), o(row.actualRows), o(row.rowsRemovedByFilter),
            o(row.rowsRemovedByJoinFilter), o(row.rowsRemovedByIndexRecheck), o(row.loops), o(row.startupMs),
            o(row.totalMs), o(row.wallMs), o(row.selfMs), o(row.doubtMs), o(row.sharedHit), o(row.sharedRead),
            o(row.sharedDirtied), o(row.sharedWritten), o(row.localHit), o(row.localRead),
            o(row.localDirtied), o(row.localWritten), o(row.tempRead), o(row.tempWritten),
            o(row.selfSharedHit), o(row.selfSharedRead), o(row.ioReadMs), o(row.ioWriteMs), o(row.walBytes),
            o(row.sortKb), o(row.sortDisk), o(row.hashBatches), o(row.heapFetches), o(row.exactBlocks),
            o(row.lossyBlocks), o(row.workersPlanned), o(row.workersLaunched), Cell::nonZero(row.sourceLine),
            extra};
        std::copy(std::begin(values), std::end(values), addRow(Family::PlanNode, ordinal));
    }
    noteRow(Family::PlanNode, kept, static_cast<std::uint64_t>(row.id), hash64(row.nodeType));
}

void BulkInput::planWorker(PlanRef plan, const PlanWorkerRow &row)
{
    const std::int64_t ordinal = next(Family::PlanWorker);
    const bool kept = isKept(Family::PlanWorker, ordinal);
    if (kept) {
        const Cell extra = text(row.extraJson);
        const Cell values[]{Cell::reference(Family::Plan, static_cast<std::int64_t>(plan)),
            Cell::integer(row.nodeId), Cell::integer(row.worker), Cell::optional(row.startupMs),
            Cell::optional(row.totalMs), Cell::optional(row.rows), Cell::optional(row.loops), extra};
        std::copy(std::begin(values), std::end(values), addRow(Family::PlanWorker, ordinal));
    }
    noteRow(Family::PlanWorker, kept, static_cast<std::uint64_t>(row.nodeId),
        static_cast<std::uint64_t>(row.worker));
}

void BulkInput::planTrigger(PlanRef plan, const PlanTriggerRow &row)
{
    const std::int64_t ordinal = next(Family::PlanTrigger);
    const bool kept = isKept(Family::PlanTrigger, ordinal);
    if (kept) {
        const Cell name = text(row.name), relation = text(row.relation),
                   constraint = text(row.constraintName);
        const Cell values[]{Cell::reference(Family::Plan, static_cast<std::int64_t>(plan)), name, relation,
            constraint, Cell::optional(row.timeMs), Cell::optional(row.calls)};
        std::copy(std::begin(values), std::end(values), addRow(Family::PlanTrigger, ordinal));
    }
    noteRow(Family::PlanTrigger, kept, hash64(row.name), hash64(row.relation));
}

} // namespace tailscope::store
