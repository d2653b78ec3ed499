// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/profilerows.h"

#include <unordered_map>

namespace tailscope::analysis {

namespace {

constexpr std::int64_t kMaxThreads = 1000;

// Own weight per call node of the samples inside a range and of a thread.
Result<ProfileWeights> weightsOfSamples(store::Database &database, std::int64_t profileId,
    const ProfileQuery &query)
{
    std::string sql = "SELECT call_node_id, sum(weight), sum(count) FROM sample WHERE profile_id = :profile";
    if (query.range)
        sql += " AND ts_ns >= :begin AND ts_ns < :end";
    if (query.thread)
        sql += " AND ifnull(thread, '') = :thread";
    sql += " GROUP BY call_node_id";
    Result<store::Statement> statement = database.prepare(sql);
    if (!statement)
        return tl::unexpected(std::move(statement.error()));
    statement->bind(statement->parameterIndex(":profile"), profileId);
    if (query.range) {
        statement->bind(statement->parameterIndex(":begin"), query.range->begin);
        statement->bind(statement->parameterIndex(":end"), query.range->end);
    }
    if (query.thread)
        statement->bind(statement->parameterIndex(":thread"), std::string_view(*query.thread));
    ProfileWeights weights;
    for (;;) {
        const Result<bool> row = statement->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return weights;
        const double weight = statement->isNull(1) ? 0 : statement->real(1);
        weights[statement->integer(0)] = {weight, statement->integer(2)};
    }
}

// Number of the name and of the group of a frame.
using FrameNames = std::unordered_map<std::int64_t, std::pair<std::uint32_t, std::uint32_t>>;

Result<FrameNames> frameNames(store::Database &database, std::int64_t sourceId, CallTreeBuilder &builder)
{
    Result<store::Statement> statement
        = database.prepare("SELECT id, function, module FROM frame WHERE source_id = ? ORDER BY id");
    if (!statement)
        return tl::unexpected(std::move(statement.error()));
    statement->bind(0, sourceId);
    FrameNames names;
    for (;;) {
        const Result<bool> row = statement->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return names;
        const std::string_view function = statement->text(1);
        names[statement->integer(0)]
            = {builder.name(function.empty() ? "[unknown]" : function), builder.group(statement->text(2))};
    }
}

struct Head
{
    std::int64_t sourceId = 0;
    std::string unit;
};

Result<Head> headOf(store::Database &database, std::int64_t profileId)
{
    Result<store::Statement> head = database.prepare("SELECT source_id, unit FROM profile WHERE id = ?");
    if (!head)
        return tl::unexpected(std::move(head.error()));
    head->bind(0, profileId);
    const Result<bool> found = head->step();
    if (!found)
        return tl::unexpected(found.error());
    if (!*found)
        return fail(ErrorCode::NotFound, "profile " + std::to_string(profileId), "there is no such profile",
            "Reload the workspace: its source may have been removed.");
    return Head{head->integer(0), std::string(head->text(1))};
}

} // namespace

Result<ProfileNodes> readProfileNodes(store::Database &database, std::int64_t profileId,
    CallTreeBuilder &builder, const NodeWeights &weights)
{
    const Result<Head> head = headOf(database, profileId);
    if (!head)
        return tl::unexpected(head.error());
    const Result<FrameNames> names = frameNames(database, head->sourceId, builder);
    if (!names)
        return tl::unexpected(names.error());
    // Ids grow from the roots to the leaves: a parent is always known before its children.
    Result<store::Statement> nodes
        = database.prepare("SELECT id, parent_id, frame_id, self_weight, sample_count FROM call_node WHERE "
                           "profile_id = ? ORDER BY id");
    if (!nodes)
        return tl::unexpected(std::move(nodes.error()));
    nodes->bind(0, profileId);
    ProfileNodes nodeOf;
    for (;;) {
        const Result<bool> row = nodes->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return nodeOf;
        const std::int64_t id = nodes->integer(0);
        const auto parent = nodeOf.find(nodes->integer(1));
        const std::uint32_t parentNode = nodes->isNull(1) || parent == nodeOf.end() ? 0 : parent->second;
        const auto frame = names->find(nodes->integer(2));
        const std::uint32_t name = frame == names->end() ? builder.name("[unknown]") : frame->second.first;
        const std::uint32_t group = frame == names->end() ? builder.group("") : frame->second.second;
        const std::uint32_t node = builder.child(parentNode, name, group);
        nodeOf.emplace(id, node);

        ProfileWeight weight;
        if (weights.from == NodeWeights::From::Stored) {
            weight = {nodes->isNull(3) ? 0 : nodes->real(3), nodes->integer(4)};
        } else if (weights.from == NodeWeights::From::Given && weights.given) {
            const auto place = weights.given->find(id);
            weight = place == weights.given->end() ? ProfileWeight() : place->second;
        }
        builder.tree().nodes[node].self += weight.self;
        builder.tree().nodes[node].count += weight.count;
    }
}

Result<std::shared_ptr<const CallTree>> profileCallTree(const store::Workspace &workspace,
    const ProfileQuery &query, const CancelToken &cancel)
{
    Result<store::Database> database = workspace.connectReader();
    if (!database)
        return tl::unexpected(std::move(database.error()));
    database->setCancel(cancel);
    CallTreeBuilder builder;
    std::optional<std::string> unit;
    for (const std::int64_t profileId : query.profiles) {
        const Result<Head> head = headOf(*database, profileId);
        if (!head)
            return tl::unexpected(head.error());
        if (unit && *unit != head->unit)
            return fail(ErrorCode::BadInput, "profile " + std::to_string(profileId),
                "its unit is " + head->unit + ", that of the others " + *unit,
                "Choose profiles of one unit: different units cannot be added.");
        unit = head->unit;
        ProfileWeights given;
        const bool isPart = query.range || query.thread;
        if (isPart) {
            Result<ProfileWeights> weights = weightsOfSamples(*database, profileId, query);
            if (!weights)
                return tl::unexpected(std::move(weights.error()));
            given = std::move(*weights);
        }
        const auto from = isPart ? NodeWeights::From::Given : NodeWeights::From::Stored;
        const Result<ProfileNodes> nodes = readProfileNodes(*database, profileId, builder, {from, &given});
        if (!nodes)
            return tl::unexpected(nodes.error());
    }
    builder.tree().unit = unit.value_or("samples");
    return builder.finish(CallTreeBuilder::Totals::FromSelf);
}

Result<std::shared_ptr<const CallTree>> profileCallTree(const store::Workspace &workspace,
    std::int64_t profileId, std::optional<TimeRange> sampleRange, const CancelToken &cancel)
{
    return profileCallTree(workspace, ProfileQuery{{profileId}, sampleRange, std::nullopt}, cancel);
}

Result<std::vector<ProfileThread>> profileThreads(const store::Workspace &workspace, std::int64_t profileId,
    const CancelToken &cancel)
{
    Result<store::Database> database = workspace.connectReader();
    if (!database)
        return tl::unexpected(std::move(database.error()));
    database->setCancel(cancel);
    Result<store::Statement> statement = database->prepare(
        "SELECT ifnull(thread, '') AS name, sum(count) AS samples, count(ts_ns), sum(weight) FROM sample"
        " WHERE profile_id = ?1 GROUP BY name ORDER BY samples DESC, name LIMIT ?2");
    if (!statement)
        return tl::unexpected(std::move(statement.error()));
    statement->bind(0, profileId);
    statement->bind(1, kMaxThreads);
    std::vector<ProfileThread> threads;
    for (;;) {
        const Result<bool> row = statement->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return threads;
        threads.push_back({std::string(statement->text(0)), statement->integer(1), statement->integer(2),
            statement->isNull(3) ? 0 : statement->real(3)});
    }
}

} // namespace tailscope::analysis
