// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/explain/explain.h"
#include "import/explain/plandocument.h"
#include "store/bulkwriter.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tailscope::testing {

/// Rows of one plan; their strings live in the sink's arena.
struct PlanRows
{
    PlanRow plan;
    std::vector<PlanNodeRow> nodes;
    std::vector<PlanWorkerRow> workers;
    std::vector<PlanTriggerRow> triggers;
};

/// Keeps the rows of plans as they are, for tests that ask for single fields.
class PlanRowsSink final : public store::CountingSink
{
public:
    std::vector<PlanRows> found;

    PlanRef plan(const PlanRow &row) override
    {
        PlanRows rows;
        rows.plan = row;
        for (auto member : {&PlanRow::engine, &PlanRow::queryText, &PlanRow::settingsJson,
                 &PlanRow::sourceText, &PlanRow::format, &PlanRow::extraJson})
            rows.plan.*member = m_arena->keep(row.*member);
        found.push_back(std::move(rows));
        return PlanRef(static_cast<std::int64_t>(found.size()));
    }
    void planNode(PlanRef, const PlanNodeRow &row) override
    {
        PlanNodeRow kept = row;
        for (auto member : {&PlanNodeRow::nodeType, &PlanNodeRow::parentRelationship,
                 &PlanNodeRow::subplanName, &PlanNodeRow::joinType, &PlanNodeRow::relation,
                 &PlanNodeRow::schema, &PlanNodeRow::alias, &PlanNodeRow::indexName, &PlanNodeRow::condition,
                 &PlanNodeRow::filter, &PlanNodeRow::extraJson})
            kept.*member = m_arena->keep(row.*member);
        found.back().nodes.push_back(kept);
    }
    void planWorker(PlanRef, const PlanWorkerRow &row) override
    {
        PlanWorkerRow kept = row;
        kept.extraJson = m_arena->keep(row.extraJson);
        found.back().workers.push_back(kept);
    }
    void planTrigger(PlanRef, const PlanTriggerRow &row) override
    {
        PlanTriggerRow kept = row;
        for (auto member :
            {&PlanTriggerRow::name, &PlanTriggerRow::relation, &PlanTriggerRow::constraintName})
            kept.*member = m_arena->keep(row.*member);
        found.back().triggers.push_back(kept);
    }

private:
    std::unique_ptr<import::explain::TextArena> m_arena = std::make_unique<import::explain::TextArena>();
};

/// What a reader made of a text that holds plans.
struct PlanOutcome
{
    PlanRowsSink sink;
    import::ImportReport report;
    std::optional<Error> error;

    const std::vector<PlanRows> &plans() const { return sink.found; }
    std::size_t nodeCount() const
    {
        std::size_t count = 0;
        for (const PlanRows &plan : sink.found)
            count += plan.nodes.size();
        return count;
    }
    bool hasIssue(std::string_view kind) const
    {
        for (const import::ImportReport::Issue &issue : report.issues()) {
            if (issue.kind == kind)
                return true;
        }
        return false;
    }
};

inline PlanOutcome readPlans(const import::Importer &importer, const std::string &bytes,
    std::size_t chunk = 65536)
{
    PlanOutcome outcome;
    import::MemorySource source(bytes, "sample", chunk);
    const Result<void> result = importer.newReader({})->read(source, outcome.sink, outcome.report);
    if (!result)
        outcome.error = result.error();
    return outcome;
}

inline PlanOutcome readText(const std::string &bytes)
{
    return readPlans(import::explainTextImporter(), bytes);
}

inline PlanOutcome readJson(const std::string &bytes)
{
    return readPlans(import::explainJsonImporter(), bytes);
}

} // namespace tailscope::testing
