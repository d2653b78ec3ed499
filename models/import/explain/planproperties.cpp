// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explain/planproperties.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace tailscope::import::explain {

namespace {

using Kind = PlanValue::Kind;

/// Where a key goes: exactly one of the members is set.
struct Field
{
    std::string_view key;
    std::string_view PlanNodeRow::*text = nullptr;
    std::optional<double> PlanNodeRow::*real = nullptr;
    std::optional<std::int64_t> PlanNodeRow::*integer = nullptr;
};

constexpr Field textField(std::string_view key, std::string_view PlanNodeRow::*member)
{
    return {key, member, nullptr, nullptr};
}
constexpr Field realField(std::string_view key, std::optional<double> PlanNodeRow::*member)
{
    return {key, nullptr, member, nullptr};
}
constexpr Field countField(std::string_view key, std::optional<std::int64_t> PlanNodeRow::*member)
{
    return {key, nullptr, nullptr, member};
}

/// Sorted by key (checked below). A node has at most one of the conditions that share `condition`.
constexpr std::array kFields{
    realField("Actual Loops", &PlanNodeRow::loops),
    realField("Actual Rows", &PlanNodeRow::actualRows),
    realField("Actual Startup Time", &PlanNodeRow::startupMs),
    realField("Actual Total Time", &PlanNodeRow::totalMs),
    textField("Alias", &PlanNodeRow::alias),
    countField("Exact Heap Blocks", &PlanNodeRow::exactBlocks),
    textField("Filter", &PlanNodeRow::filter),
    countField("Hash Batches", &PlanNodeRow::hashBatches),
    textField("Hash Cond", &PlanNodeRow::condition),
    countField("Heap Fetches", &PlanNodeRow::heapFetches),
    realField("I/O Read Time", &PlanNodeRow::ioReadMs),
    realField("I/O Write Time", &PlanNodeRow::ioWriteMs),
    textField("Index Cond", &PlanNodeRow::condition),
    textField("Index Name", &PlanNodeRow::indexName),
    textField("Join Type", &PlanNodeRow::joinType),
    countField("Local Dirtied Blocks", &PlanNodeRow::localDirtied),
    countField("Local Hit Blocks", &PlanNodeRow::localHit),
    countField("Local Read Blocks", &PlanNodeRow::localRead),
    countField("Local Written Blocks", &PlanNodeRow::localWritten),
    countField("Lossy Heap Blocks", &PlanNodeRow::lossyBlocks),
    textField("Merge Cond", &PlanNodeRow::condition),
    textField("Node Type", &PlanNodeRow::nodeType),
    textField("Parent Relationship", &PlanNodeRow::parentRelationship),
    realField("Plan Rows", &PlanNodeRow::planRows),
    countField("Plan Width", &PlanNodeRow::planWidth),
    textField("Recheck Cond", &PlanNodeRow::condition),
    textField("Relation Name", &PlanNodeRow::relation),
    realField("Rows Removed by Filter", &PlanNodeRow::rowsRemovedByFilter),
    realField("Rows Removed by Index Recheck", &PlanNodeRow::rowsRemovedByIndexRecheck),
    realField("Rows Removed by Join Filter", &PlanNodeRow::rowsRemovedByJoinFilter),
    textField("Schema", &PlanNodeRow::schema),
    countField("Shared Dirtied Blocks", &PlanNodeRow::sharedDirtied),
    countField("Shared Hit Blocks", &PlanNodeRow::sharedHit),
    countField("Shared Read Blocks", &PlanNodeRow::sharedRead),
    countField("Shared Written Blocks", &PlanNodeRow::sharedWritten),
    countField("Sort Space Used", &PlanNodeRow::sortKb),
    realField("Startup Cost", &PlanNodeRow::startupCost),
    textField("Subplan Name", &PlanNodeRow::subplanName),
    textField("TID Cond", &PlanNodeRow::condition),
    countField("Temp Read Blocks", &PlanNodeRow::tempRead),
    countField("Temp Written Blocks", &PlanNodeRow::tempWritten),
    realField("Total Cost", &PlanNodeRow::totalCost),
    countField("WAL Bytes", &PlanNodeRow::walBytes),
    countField("Workers Launched", &PlanNodeRow::workersLaunched),
    countField("Workers Planned", &PlanNodeRow::workersPlanned),
};
static_assert(std::is_sorted(kFields.begin(), kFields.end(),
    [](const Field &a, const Field &b) { return a.key < b.key; }));

/// Keys whose false or 0 TEXT does not print.
constexpr std::array<std::string_view, 16> kSilentDefaults{
    "Async Capable",
    "Disabled",
    "Disk Usage",
    "Inner Unique",
    "Parallel Aware",
    "Planned Partitions",
    "Single Copy",
    "Subplans Removed",
    "Tuples Deleted",
    "Tuples Skipped",
    "Tuples Updated",
    "WAL Buffers Full",
    "WAL FPI",
    "WAL FPI Bytes",
    "WAL Records",
    "Workers",
};
static_assert(std::is_sorted(kSilentDefaults.begin(), kSilentDefaults.end()));

bool isZero(const PlanValue &value)
{
    if (value.kind == Kind::Boolean)
        return value.text == "false";
    if (value.kind != Kind::Number)
        return false;
    const std::optional<double> number = parseDouble(value.text);
    return number && *number == 0;
}

bool isUsageFigure(std::string_view key)
{
    return key.ends_with(" Blocks") || key.ends_with(" I/O Read Time") || key.ends_with(" I/O Write Time")
        || key.starts_with("I/O ") || key.starts_with("WAL ");
}

std::optional<std::int64_t> parseCount(std::string_view text)
{
    if (const std::optional<std::int64_t> whole = parseInt64(text))
        return whole;
    const std::optional<double> number = parseDouble(text);
    if (!number || std::abs(*number) >= 9.2e18)
        return std::nullopt;
    return std::llround(*number);
}

void addMember(JsonMembers &members, std::string_view key, const PlanValue &value)
{
    if (value.kind == Kind::Text)
        members.text(key, value.text);
    else if (value.kind == Kind::Null)
        members.json(key, "null");
    else
        members.json(key, value.text);
}

/// From PostgreSQL 17 shared and local blocks have times of their own: the column holds the sum, `extra`
/// both.
bool addSplitTime(PlanNode &node, std::string_view key, const PlanValue &value)
{
    const bool read = key.ends_with(" Read Time");
    const std::optional<double> ms = parseDouble(value.text);
    if (value.kind != Kind::Number || !ms)
        return false;
    std::optional<double> &column = read ? node.row.ioReadMs : node.row.ioWriteMs;
    column = column.value_or(0) + *ms;
    if (*ms != 0 && key.starts_with("Local"))
        addMember(node.extra, key, value);
    return true;
}

bool isSplitTime(std::string_view key)
{
    return key == "Shared I/O Read Time" || key == "Shared I/O Write Time" || key == "Local I/O Read Time"
        || key == "Local I/O Write Time";
}

bool setField(ParsedPlan &plan, PlanNode &node, const Field &field, const PlanValue &value)
{
    if (value.kind == Kind::Null)
        return true;
    if (field.text) {
        if (value.kind != Kind::Text)
            return false;
        std::string_view &text = node.row.*field.text;
        if (text.empty())
            text = plan.arena->keep(value.text);
        else
            addMember(node.extra, field.key, value);
        return true;
    }
    if (value.kind != Kind::Number)
        return false;
    if (field.real) {
        const std::optional<double> number = parseDouble(value.text);
        if (number)
            node.row.*field.real = number;
        return number.has_value();
    }
    const std::optional<std::int64_t> count = parseCount(value.text);
    if (count)
        node.row.*field.integer = count;
    return count.has_value();
}

} // namespace

bool setNodeProperty(ParsedPlan &plan, PlanNode &node, std::string_view key, const PlanValue &value)
{
    const auto *field = std::lower_bound(kFields.begin(), kFields.end(), key,
        [](const Field &f, std::string_view k) { return f.key < k; });
    if (field != kFields.end() && field->key == key)
        return setField(plan, node, *field, value);
    if (isSplitTime(key))
        return addSplitTime(node, key, value);
    if (key == "Sort Space Type" && value.kind == Kind::Text) {
        node.row.sortDisk = value.text == "Disk" ? 1 : 0;
        return true;
    }
    if (isZero(value)
        && (key.starts_with("Temp I/O ")
            || std::binary_search(kSilentDefaults.begin(), kSilentDefaults.end(), key)))
        return true;
    addMember(node.extra, key, value);
    return true;
}

bool setWorkerProperty(PlanWorker &worker, std::string_view key, const PlanValue &value)
{
    std::optional<double> *target = nullptr;
    if (key == "Actual Startup Time")
        target = &worker.row.startupMs;
    else if (key == "Actual Total Time")
        target = &worker.row.totalMs;
    else if (key == "Actual Rows")
        target = &worker.row.rows;
    else if (key == "Actual Loops")
        target = &worker.row.loops;
    if (target) {
        const std::optional<double> number = parseDouble(value.text);
        if (value.kind != Kind::Number || !number)
            return false;
        *target = number;
        return true;
    }
    if (key == "Worker Number") {
        const std::optional<std::int64_t> number = parseInt64(value.text);
        if (value.kind != Kind::Number || !number || *number < 0 || *number > INT32_MAX)
            return false;
        worker.row.worker = static_cast<std::int32_t>(*number);
        return true;
    }
    setGroupProperty(worker.extra, key, value);
    return true;
}

void setGroupProperty(JsonMembers &members, std::string_view key, const PlanValue &value)
{
    if (isZero(value)
        && (isUsageFigure(key) || std::binary_search(kSilentDefaults.begin(), kSilentDefaults.end(), key)))
        return;
    addMember(members, key, value);
}

bool setStatementProperty(ParsedPlan &plan, std::string_view key, const PlanValue &value)
{
    double *target = nullptr;
    if (key == "Planning Time")
        target = &plan.planningMs;
    else if (key == "Execution Time" || key == "Total Runtime")
        target = &plan.executionMs;
    if (target) {
        const std::optional<double> number = parseDouble(value.text);
        if (value.kind != Kind::Number || !number)
            return false;
        *target = *number;
        return true;
    }
    if (key == "Query Text" && value.kind == Kind::Text) {
        plan.queryText = plan.arena->keep(value.text);
        return true;
    }
    addMember(plan.extra, key, value);
    return true;
}

} // namespace tailscope::import::explain
