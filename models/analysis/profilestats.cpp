// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/profilestats.h"

#include "analysis/analysisrun.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

namespace tailscope::analysis {

namespace {

constexpr std::string_view kKind = "profile_stat";
constexpr int kVersion = 1;
constexpr std::int64_t kMaxProfiles = 256;
constexpr double kLeastShare = 0.001, kHotPathShare = 0.6;
constexpr std::size_t kMaxFunctions = 5000, kMaxCallers = 100;
/// Frames above a driver in which a loop is looked for: further out every request runs in some loop.
constexpr int kLoopReach = 8;

struct Stats
{
    std::int64_t profileId = 0;
    double total = 0;
    std::vector<FunctionStat> functions;
    std::vector<CategoryStat> categories;
};

// The last frame of the heaviest path that still has most of the weight below it.
std::uint32_t endOfHotPath(const CallTree &tree)
{
    const double least = kHotPathShare * tree.nodes.front().total;
    std::uint32_t at = 0;
    while (tree.nodes[at].firstChild != 0 && tree.nodes[tree.nodes[at].firstChild].total >= least)
        at = tree.nodes[at].firstChild; // children are sorted
    return at;
}

std::vector<FrameCategory> categoriesOf(const CallTree &tree)
{
    // A (name, group) pair is asked for once.
    std::map<std::pair<std::uint32_t, std::uint32_t>, FrameCategory> known;
    std::vector<FrameCategory> categories(tree.nodes.size(), FrameCategory::None);
    for (std::size_t i = 1; i < tree.nodes.size(); ++i) {
        const CallTree::Node &node = tree.nodes[i];
        const auto [place, isNew] = known.try_emplace({node.name, node.group});
        if (isNew)
            place->second = categoryOf(tree.names[node.name], tree.groups[node.group]);
        categories[i] = place->second;
    }
    return categories;
}

Result<std::vector<std::int64_t>> profileIds(store::Database &database)
{
    Result<store::Statement> statement = database.prepare(
        "SELECT id FROM profile WHERE sample_count > 0 ORDER BY sample_count DESC, id LIMIT ?1");
    if (!statement)
        return tl::unexpected(std::move(statement.error()));
    statement->bind(0, kMaxProfiles);
    std::vector<std::int64_t> ids;
    for (;;) {
        const Result<bool> row = statement->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return ids;
        ids.push_back(statement->integer(0));
    }
}

Result<void> writeFunctions(store::Database &writer, std::int64_t runId, const Stats &stats)
{
    Result<store::Statement> insert = writer.prepare(
        "INSERT INTO function_stat (run_id, profile_id, function, module, category, self_weight, "
        "total_weight,"
        " self_share, total_share, samples, hot_path) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    if (!insert)
        return tl::unexpected(std::move(insert.error()));
    for (const FunctionStat &row : stats.functions) {
        insert->bind(0, runId);
        insert->bind(1, stats.profileId);
        insert->bind(2, std::string_view(row.function));
        insert->bindTextOrNull(3, row.module);
        insert->bindTextOrNull(4, categoryName(row.category));
        insert->bind(5, row.self);
        insert->bind(6, row.total);
        insert->bind(7, row.self / stats.total);
        insert->bind(8, row.total / stats.total);
        insert->bind(9, row.samples);
        insert->bind(10, std::int64_t(row.isHotPath ? 1 : 0));
        TS_TRY(insert->run());
    }
    return {};
}

Result<void> writeCategories(store::Database &writer, std::int64_t runId, const Stats &stats)
{
    Result<store::Statement> insert = writer.prepare(
        "INSERT INTO stack_category (run_id, profile_id, category, caller, frame, loop_frame, weight, share,"
        " samples) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    if (!insert)
        return tl::unexpected(std::move(insert.error()));
    for (const CategoryStat &row : stats.categories) {
        insert->bind(0, runId);
        insert->bind(1, stats.profileId);
        insert->bind(2, categoryName(row.category));
        insert->bindTextOrNull(3, row.caller);
        insert->bind(4, std::string_view(row.frame));
        insert->bindTextOrNull(5, row.loop);
        insert->bind(6, row.weight);
        insert->bind(7, row.weight / stats.total);
        insert->bind(8, row.samples);
        TS_TRY(insert->run());
    }
    return {};
}

Result<void> store(const store::Workspace &workspace, const AnalysisRun &run, const std::vector<Stats> &all)
{
    Result<store::Database> writer = workspace.connectWriter();
    if (!writer)
        return tl::unexpected(std::move(writer.error()));
    TS_TRY(writer->begin());
    const Result<std::int64_t> id = recordRun(*writer, run);
    Result<void> written = id ? Result<void>() : tl::unexpected(id.error());
    for (const char *sql : {"DELETE FROM function_stat", "DELETE FROM stack_category"}) {
        if (written)
            written = writer->execute(sql);
    }
    for (const Stats &stats : all) {
        if (written)
            written = writeFunctions(*writer, *id, stats);
        if (written)
            written = writeCategories(*writer, *id, stats);
    }
    if (!written) {
        writer->rollback();
        return written;
    }
    return writer->commit();
}

} // namespace

std::vector<FunctionStat> functionStats(const CallTree &tree)
{
    std::vector<FunctionStat> rows;
    if (tree.nodes.empty() || !(tree.nodes.front().total > 0))
        return rows;
    const double least = kLeastShare * tree.nodes.front().total;
    const CallTree::Node &hot = tree.nodes[endOfHotPath(tree)];
    for (const FlatEntry &entry : flatProfile(tree)) {
        if (entry.self < least && entry.total < least)
            continue;
        if (rows.size() >= kMaxFunctions)
            break;
        FunctionStat row{tree.names[entry.name], tree.groups[entry.group], FrameCategory::None, entry.self,
            entry.total, entry.count, hot.depth > 0 && hot.name == entry.name && hot.group == entry.group};
        row.category = categoryOf(row.function, row.module);
        rows.push_back(std::move(row));
    }
    return rows;
}

std::vector<CategoryStat> categoryStats(const CallTree &tree)
{
    const std::vector<FrameCategory> categories = categoriesOf(tree);
    std::vector<std::uint32_t> above(tree.nodes.size(), 0); // bits of the categories on the path
    std::vector<std::int64_t> samples(tree.nodes.size(), 0); // with everything below
    for (std::size_t i = tree.nodes.size(); i-- > 1;) {
        samples[i] += tree.nodes[i].count;
        samples[tree.nodes[i].parent] += samples[i];
    }
    std::map<std::tuple<FrameCategory, std::string>, CategoryStat> rows;
    std::map<std::tuple<FrameCategory, std::string>, double> heaviest;
    for (std::uint32_t i = 1; i < tree.nodes.size(); ++i) {
        const CallTree::Node &node = tree.nodes[i];
        const auto bit = std::uint32_t(1) << unsigned(categories[i]);
        above[i] = above[node.parent] | bit;
        if (categories[i] == FrameCategory::None || (above[node.parent] & bit) != 0)
            continue;
        std::uint32_t caller = node.parent;
        while (caller != 0 && categories[caller] != FrameCategory::None)
            caller = tree.nodes[caller].parent;
        std::string loop;
        std::uint32_t at = caller;
        for (int step = 0; at != 0 && step < kLoopReach && loop.empty(); ++step, at = tree.nodes[at].parent) {
            if (isLoopLike(tree.names[tree.nodes[at].name]))
                loop = tree.names[tree.nodes[at].name];
        }
        const std::string name = caller == 0 ? std::string() : tree.names[tree.nodes[caller].name];
        const auto count = [&](const std::string &of) {
            CategoryStat &row = rows[{categories[i], of}];
            row.category = categories[i];
            row.caller = of;
            row.weight += node.total;
            row.samples += samples[i];
            if (row.loop.empty())
                row.loop = loop;
            double &most = heaviest[{categories[i], of}];
            if (row.frame.empty() || node.total > most) {
                row.frame = tree.names[node.name];
                most = node.total;
            }
        };
        count({});
        if (!name.empty())
            count(name);
    }
    std::vector<CategoryStat> sorted;
    for (auto &[key, row] : rows)
        sorted.push_back(std::move(row));
    std::stable_sort(sorted.begin(), sorted.end(), [](const CategoryStat &a, const CategoryStat &b) {
        if (a.caller.empty() != b.caller.empty())
            return a.caller.empty();
        return a.weight > b.weight;
    });
    const auto whole = std::size_t(std::count_if(sorted.begin(), sorted.end(),
        [](const CategoryStat &row) { return row.caller.empty(); }));
    sorted.resize(std::min(sorted.size(), whole + kMaxCallers));
    return sorted;
}

Result<void> refreshProfileStats(const store::Workspace &workspace, const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    const Result<std::int64_t> generation = workspace.generation("profile");
    if (!generation)
        return tl::unexpected(generation.error());
    AnalysisRun run{kKind, kVersion, "{}", *generation, 0};
    const Result<std::optional<std::int64_t>> finished = finishedRun(*reader, run);
    if (!finished)
        return tl::unexpected(finished.error());
    if (*finished)
        return {};
    const Stopwatch watch;
    const Result<std::vector<std::int64_t>> ids = profileIds(*reader);
    if (!ids)
        return tl::unexpected(ids.error());
    std::vector<Stats> all;
    for (const std::int64_t id : *ids) {
        progress.update({"functions of profiles", all.size(), ids->size(), 0});
        const auto tree = profileCallTree(workspace, id, std::nullopt, progress.cancel);
        if (!tree)
            return tl::unexpected(tree.error());
        if ((*tree)->nodes.front().total > 0)
            all.push_back({id, (*tree)->nodes.front().total, functionStats(**tree), categoryStats(**tree)});
    }
    if (progress.isCancelled())
        return fail(ErrorCode::Cancelled, std::string(kKind), "the analysis was cancelled",
            "It runs again when the workspace is opened.");
    run.seconds = watch.seconds();
    return store(workspace, run, all);
}

} // namespace tailscope::analysis
