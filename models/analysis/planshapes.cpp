// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/planshapes.h"

#include "analysis/plandiff.h"
#include "analysis/planfeatures.h"
#include "analysis/plantree.h"
#include "analysis/quantiles.h"
#include "analysis/rowinsert.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>

namespace tailscope::analysis {

namespace {

// A plan that flips at every execution would fill the tables with the same news.
constexpr std::size_t kMaxChanges = 1'000, kMaxShapePairs = 100; ///< of a statement
constexpr std::size_t kMaxMatches = 500'000; ///< rows of plan_match

constexpr std::string_view kCaptures
    = "SELECT p.id, p.statement_id, p.captured_at_ns, coalesce(p.execution_ms, p.duration_ms,"
      " (SELECT n.wall_ms FROM plan_node AS n WHERE n.plan_id = p.id AND n.node = 0)), p.saved_good"
      " FROM plan AS p ORDER BY p.id";

struct StoredChange
{
    std::int64_t statementId = 0, planId = 0, otherPlanId = 0;
    std::optional<std::int64_t> ts;
    PlanChange change;
    std::string summary;
};

struct StoredMatch
{
    std::int64_t planId = 0, otherPlanId = 0, nodeId = 0, otherNodeId = 0; ///< 0 = no node on this side
    NodePair::Kind kind = NodePair::Kind::Same;
    double similarity = 0, difference = PlanTree::kUnknown;
};

struct Found
{
    std::vector<PlanCapture> captures;
    std::vector<StoredChange> changes;
    std::vector<StoredMatch> matches;
};

double median(std::vector<double> &times)
{
    if (times.empty())
        return PlanTree::kUnknown;
    const auto rank = std::ptrdiff_t(nearestRank(std::int64_t(times.size()), kP50)) - 1;
    std::nth_element(times.begin(), times.begin() + rank, times.end());
    return times[std::size_t(rank)];
}

class ShapeFinder
{
public:
    ShapeFinder(store::Database &reader, PlanTreeReader trees, const Progress &progress)
        : m_reader(reader)
        , m_trees(std::move(trees))
        , m_progress(progress)
    {}

    Result<Found> run()
    {
        TS_TRY(readCaptures());
        std::map<std::int64_t, std::vector<PlanCapture>> statements;
        std::uint64_t done = 0;
        for (PlanCapture &capture : m_found.captures) {
            if (m_progress.isCancelled())
                break; // what was found is thrown away by the caller
            const Result<PlanTree> tree = m_trees.load(capture.planId);
            if (!tree)
                return fail(tree.error());
            capture.shape = planShape(*tree);
            if (capture.statementId > 0)
                statements[capture.statementId].push_back(capture);
            if (++done % 256 == 0)
                m_progress.update({"plan_shape", done, m_found.captures.size(), done});
        }
        for (auto &[id, captures] : statements) {
            if (m_progress.isCancelled())
                break;
            if (captures.size() > 1)
                TS_TRY(lookAt(captures));
        }
        return std::move(m_found);
    }

private:
    Result<void> readCaptures()
    {
        Result<store::Statement> query = m_reader.prepare(kCaptures);
        if (!query)
            return fail(std::move(query.error()));
        while (true) {
            const Result<bool> row = query->step();
            if (!row)
                return fail(row.error());
            if (!*row)
                return {};
            m_found.captures.push_back({query->integer(0), query->integer(1), query->optionalInteger(2),
                query->real(3), {}, query->integer(4) == 1});
        }
    }

    Result<void> lookAt(std::vector<PlanCapture> &captures)
    {
        sortCaptures(captures);
        std::map<std::pair<std::string, std::string>, std::string> told; // sentences by pair of shapes
        const std::vector<PlanChange> changes = planChanges(captures);
        const std::size_t first = changes.size() > kMaxChanges ? changes.size() - kMaxChanges : 0;
        const auto saved = std::find_if(captures.begin(), captures.end(),
            [](const PlanCapture &capture) { return capture.savedGood; });
        for (std::size_t i = first; i < changes.size(); ++i) {
            const PlanCapture &before = captures[changes[i].before], &after = captures[changes[i].after];
            StoredChange stored{before.statementId, before.planId, after.planId, after.ts, changes[i], {}};
            auto known = told.find({before.shape, after.shape});
            if (known == told.end() && told.size() < kMaxShapePairs) {
                const Result<std::string> sentence
                    = compare(before.planId, after.planId, saved == captures.end());
                if (!sentence)
                    return fail(sentence.error());
                known = told.emplace(std::pair(before.shape, after.shape), *sentence).first;
            }
            if (known != told.end())
                stored.summary = known->second;
            m_found.changes.push_back(std::move(stored));
        }
        if (saved == captures.end())
            return {};
        const PlanCapture &latest
            = &*saved == &captures.back() ? captures[captures.size() - 2] : captures.back();
        const Result<std::string> sentence = compare(saved->planId, latest.planId, true);
        return sentence ? Result<void>() : fail(sentence.error());
    }

    Result<std::string> compare(std::int64_t planId, std::int64_t otherId, bool keepMatches)
    {
        const Result<PlanTree> a = m_trees.load(planId);
        if (!a)
            return fail(a.error());
        const Result<PlanTree> b = m_trees.load(otherId);
        if (!b)
            return fail(b.error());
        const PlanDiff diff = diffPlans(*a, *b);
        if (!keepMatches || m_found.matches.size() + diff.pairs.size() > kMaxMatches)
            return diff.sentence;
        for (const NodePair &pair : diff.pairs) {
            StoredMatch match{planId, otherId, 0, 0, pair.kind, pair.similarity};
            if (pair.a >= 0)
                match.nodeId = a->nodes[std::size_t(pair.a)].id;
            if (pair.b >= 0)
                match.otherNodeId = b->nodes[std::size_t(pair.b)].id;
            if (pair.a >= 0 && pair.b >= 0)
                match.difference
                    = b->nodes[std::size_t(pair.b)].selfMs - a->nodes[std::size_t(pair.a)].selfMs;
            m_found.matches.push_back(match);
        }
        return diff.sentence;
    }

    store::Database &m_reader;
    PlanTreeReader m_trees;
    const Progress &m_progress;
    Found m_found;
};

RowInsert &addId(RowInsert &insert, std::int64_t id) { return id > 0 ? insert.add(id) : insert.null(); }

RowInsert &addTime(RowInsert &insert, const std::optional<std::int64_t> &ts)
{
    return ts ? insert.add(*ts) : insert.null();
}

Result<void> write(store::Database &writer, std::int64_t runId, const Found &found)
{
    RowInsert shapes, changes, matches;
    TS_TRY(shapes.replace(writer, "plan_shape", "run_id, plan_id, statement_id, shape, ts_ns, time_ms"));
    for (const PlanCapture &capture : found.captures) {
        addId(shapes.add(runId).add(capture.planId), capture.statementId).textOrNull(capture.shape);
        addTime(shapes, capture.ts).add(capture.timeMs);
        TS_TRY(shapes.run());
    }
    TS_TRY(changes.replace(writer, "plan_change",
        "run_id, statement_id, ts_ns, plan_id, other_plan_id, n, other_n, median_ms, other_median_ms, factor,"
        " summary"));
    for (const StoredChange &stored : found.changes) {
        addTime(changes.add(runId).add(stored.statementId), stored.ts)
            .add(stored.planId)
            .add(stored.otherPlanId);
        changes.add(stored.change.n).add(stored.change.otherN).add(stored.change.medianMs);
        const double factor = stored.change.factor();
        changes.add(stored.change.otherMedianMs).add(std::isfinite(factor) ? factor : PlanTree::kUnknown);
        TS_TRY(changes.textOrNull(stored.summary).run());
    }
    TS_TRY(matches.replace(writer, "plan_match",
        "run_id, plan_id, other_plan_id, node_id, other_node_id, kind, similarity, self_ms_difference"));
    for (const StoredMatch &match : found.matches) {
        addId(matches.add(runId).add(match.planId).add(match.otherPlanId), match.nodeId);
        addId(matches, match.otherNodeId).add(toText(match.kind)).add(match.similarity).add(match.difference);
        TS_TRY(matches.run());
    }
    return {};
}

} // namespace

void sortCaptures(std::vector<PlanCapture> &captures)
{
    const bool byTime = std::all_of(captures.begin(), captures.end(),
        [](const PlanCapture &capture) { return capture.ts; });
    std::sort(captures.begin(), captures.end(), [byTime](const PlanCapture &x, const PlanCapture &y) {
        return byTime && x.ts != y.ts ? x.ts < y.ts : x.planId < y.planId;
    });
}

std::vector<PlanChange> planChanges(const std::vector<PlanCapture> &sorted)
{
    std::vector<PlanChange> changes;
    double before = PlanTree::kUnknown;
    std::int64_t beforeN = 0;
    for (std::size_t begin = 0; begin < sorted.size();) {
        std::size_t end = begin;
        std::vector<double> times;
        for (; end < sorted.size() && sorted[end].shape == sorted[begin].shape; ++end) {
            if (!std::isnan(sorted[end].timeMs))
                times.push_back(sorted[end].timeMs);
        }
        const double middle = median(times);
        const auto n = std::int64_t(times.size());
        if (begin > 0)
            changes.push_back({begin - 1, begin, beforeN, n, before, middle});
        before = middle;
        beforeN = n;
        begin = end;
    }
    return changes;
}

Result<WriteRows> computePlanShapes(const store::Workspace &workspace, const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return fail(std::move(reader.error()));
    Result<PlanTreeReader> trees = PlanTreeReader::open(*reader);
    if (!trees)
        return fail(std::move(trees.error()));
    Result<Found> found = ShapeFinder(*reader, std::move(*trees), progress).run();
    if (!found)
        return fail(std::move(found.error()));
    return WriteRows([rows = std::make_shared<const Found>(std::move(*found))](store::Database &writer,
                         std::int64_t runId) { return write(writer, runId, *rows); });
}

} // namespace tailscope::analysis
