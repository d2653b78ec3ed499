// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/calltreebuilder.h"

#include <unordered_map>

namespace tailscope::analysis {

namespace {

struct Weight
{
    double self = 0;
    std::int64_t count = 0;
};

// Self weight per call node of the samples inside a range.
Result<std::unordered_map<std::int64_t, Weight>> weightsInRange(store::Database &database,
    std::int64_t profileId, TimeRange range)
{
    Result<store::Statement> statement
        = database.prepare("SELECT call_node_id, sum(weight), sum(count) FROM sample"
                           " WHERE profile_id = ? AND ts_ns >= ? AND ts_ns < ? GROUP BY call_node_id");
    if (!statement)
        return tl::unexpected(std::move(statement.error()));
    statement->bind(0, profileId);
    statement->bind(1, range.begin);
    statement->bind(2, range.end);
    std::unordered_map<std::int64_t, Weight> weights;
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

} // namespace

Result<std::shared_ptr<const CallTree>> profileCallTree(const store::Workspace &workspace,
    std::int64_t profileId, std::optional<TimeRange> sampleRange, const CancelToken &cancel)
{
    Result<store::Database> database = workspace.connectReader();
    if (!database)
        return tl::unexpected(std::move(database.error()));
    database->setCancel(cancel);

    Result<store::Statement> head = database->prepare("SELECT source_id, unit FROM profile WHERE id = ?");
    if (!head)
        return tl::unexpected(std::move(head.error()));
    head->bind(0, profileId);
    const Result<bool> found = head->step();
    if (!found)
        return tl::unexpected(found.error());
    if (!*found)
        return fail(ErrorCode::NotFound, "profile " + std::to_string(profileId), "there is no such profile",
            "Reload the workspace: its source may have been removed.");
    const std::int64_t sourceId = head->integer(0);
    CallTreeBuilder builder;
    builder.tree().unit = std::string(head->text(1));

    const Result<FrameNames> names = frameNames(*database, sourceId, builder);
    if (!names)
        return tl::unexpected(names.error());
    std::unordered_map<std::int64_t, Weight> inRange;
    if (sampleRange) {
        Result<std::unordered_map<std::int64_t, Weight>> weights
            = weightsInRange(*database, profileId, *sampleRange);
        if (!weights)
            return tl::unexpected(std::move(weights.error()));
        inRange = std::move(*weights);
    }

    // Ids grow from the roots to the leaves: a parent is always known before its children.
    Result<store::Statement> nodes
        = database->prepare("SELECT id, parent_id, frame_id, self_weight, sample_count FROM call_node WHERE "
                            "profile_id = ? ORDER BY id");
    if (!nodes)
        return tl::unexpected(std::move(nodes.error()));
    nodes->bind(0, profileId);
    std::unordered_map<std::int64_t, std::uint32_t> nodeOf;
    for (;;) {
        const Result<bool> row = nodes->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        const auto parent = nodeOf.find(nodes->integer(1));
        const std::uint32_t parentNode = nodes->isNull(1) || parent == nodeOf.end() ? 0 : parent->second;
        const auto frame = names->find(nodes->integer(2));
        const std::uint32_t name = frame == names->end() ? builder.name("[unknown]") : frame->second.first;
        const std::uint32_t group = frame == names->end() ? builder.group("") : frame->second.second;
        const std::uint32_t node = builder.child(parentNode, name, group);
        nodeOf.emplace(nodes->integer(0), node);

        Weight weight{nodes->isNull(3) ? 0 : nodes->real(3), nodes->integer(4)};
        if (sampleRange) {
            const auto place = inRange.find(nodes->integer(0));
            weight = place == inRange.end() ? Weight() : place->second;
        }
        builder.tree().nodes[node].self += weight.self;
        builder.tree().nodes[node].count += weight.count;
    }
    return builder.finish(CallTreeBuilder::Totals::FromSelf);
}

} // namespace tailscope::analysis
