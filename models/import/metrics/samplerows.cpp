// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/metrics/samplerows.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace tailscope::import {

namespace {

/// Time between members of a cluster that still counts as one time: they are asked one after the other.
constexpr Nanos kLeaderTime = kNanosPerSecond;

RecordTable tableOf(MetricRowKind row)
{
    switch (row) {
    case MetricRowKind::Replica:
        return RecordTable::ReplicaSample;
    case MetricRowKind::Slot:
        return RecordTable::SlotSample;
    case MetricRowKind::Queue:
        return RecordTable::QueueSample;
    case MetricRowKind::Cache:
        return RecordTable::CacheSample;
    case MetricRowKind::Setting:
        return RecordTable::Setting;
    case MetricRowKind::Config:
        return RecordTable::Config;
    case MetricRowKind::Pool:
    case MetricRowKind::None:
        break;
    }
    return RecordTable::PoolSample;
}

std::string keyOf(const SampleRows::Target &target)
{
    std::string key;
    key += static_cast<char>('0' + static_cast<int>(target.row));
    key += static_cast<char>('0' + static_cast<int>(target.share));
    for (const std::string *text : {&target.kind, &target.subject, &target.instance, &target.partition,
             &target.consumerGroup, &target.group, &target.client}) {
        key += *text;
        key += '\x1F';
    }
    return key;
}

std::string groupKeyOf(const SampleRows::Target &target)
{
    // Members of a cluster have an instance each; a pooler's own pools share theirs.
    const bool cluster = target.row == MetricRowKind::Replica;
    return static_cast<char>('0' + static_cast<int>(target.row)) + target.group + '\x1F'
        + (cluster ? std::string() : target.instance) + '\x1F' + target.partition;
}

bool isPosition(std::string_view column) { return column.ends_with("_position") || column == "timeline"; }

/// Whole numbers of the tables: positions, bytes and flags of replicas and slots, offsets of queues.
bool isInteger(MetricRowKind row, std::string_view column)
{
    if (row == MetricRowKind::Queue)
        return column == "position" || column == "end_position";
    return (row == MetricRowKind::Replica || row == MetricRowKind::Slot)
        ? isPosition(column) || column.ends_with("_bytes") || column == "paused" || column == "active"
        : column == "busy_includes_wait";
}

std::string numberText(double value)
{
    std::array<char, 32> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    return {buffer.data(), end};
}

} // namespace

bool SampleRows::isCounter(std::string_view column)
{
    static constexpr std::array<std::string_view, 12> kCounters{"acquired", "created", "timeouts",
        "wait_total_ms", "busy_total_ms", "arrived", "completed", "failed", "hits", "misses", "evictions",
        "expirations"};
    return std::find(kCounters.begin(), kCounters.end(), column) != kCounters.end();
}

std::uint32_t SampleRows::target(const Target &target, std::uint64_t offset)
{
    const std::string key = keyOf(target);
    if (const auto found = m_numbers.find(key); found != m_numbers.end())
        return found->second;
    if (m_targets.size() >= kMaxTargets) {
        m_report.note(IssueSeverity::DataLoss, "too-many-pools", offset,
            "more than 131,072 pools, replicas and queues: the others are kept as series only");
        return kNone;
    }
    Known &known = m_targets.emplace_back();
    known.target = target;
    const auto number = static_cast<std::uint32_t>(m_targets.size());
    m_numbers.emplace(key, number);
    if (!target.group.empty() && target.share == MetricMeaning::Share::No) {
        std::vector<std::uint32_t> &members = m_groups[groupKeyOf(target)];
        if (members.size() < kMaxGroup)
            members.push_back(number);
        else
            m_report.note(IssueSeverity::DataLoss, "large-group", offset,
                "more than 1,024 pools, replicas or consumers of one group: values of the whole group are "
                "not "
                "given to the others");
    }
    return number;
}

std::uint8_t SampleRows::columnNumber(std::string_view column)
{
    const auto found = std::find(m_columns.begin(), m_columns.end(), column);
    const auto number = static_cast<std::uint8_t>(found - m_columns.begin());
    if (found == m_columns.end())
        m_columns.emplace_back(column);
    return number;
}

const double *SampleRows::valueOf(const Row &row, std::string_view column) const
{
    for (const auto &[number, value] : row.parts) {
        if (m_columns[number] == column)
            return &value;
    }
    return nullptr;
}

void SampleRows::setValue(Row &row, std::string_view column, double value)
{
    if (valueOf(row, column) == nullptr)
        row.parts.emplace_back(columnNumber(column), value);
}

SampleRows::Row *SampleRows::openRow(std::uint32_t target, Nanos tsNs)
{
    std::map<Nanos, std::uint64_t> &open = m_targets[target - 1].open;
    const auto found = open.find(tsNs);
    return found != open.end() ? &m_rows[found->second - m_firstRow] : nullptr;
}

SampleRows::Row &SampleRows::rowAt(std::uint32_t target, Nanos tsNs, int column, std::uint64_t offset)
{
    Known &known = m_targets[target - 1];
    if (Row *row = openRow(target, tsNs))
        return *row;
    const auto lacks = [&](const Row &row) {
        return column < 0 || std::none_of(row.parts.begin(), row.parts.end(), [&](const auto &part) {
            return part.first == column;
        });
    };
    const auto after = known.open.lower_bound(tsNs);
    if (after != known.open.begin()) {
        const auto before = std::prev(after);
        Row &row = m_rows[before->second - m_firstRow];
        if (saturatingSub(tsNs, before->first) <= kSameTime && lacks(row))
            return row;
    }
    if (after != known.open.end() && saturatingSub(after->first, tsNs) <= kSameTime) {
        Row &row = m_rows[after->second - m_firstRow];
        if (lacks(row))
            return row;
    }
    if (m_rows.size() >= kMaxOpen)
        write(kMaxOpen / 2);
    if (known.flushedTo != kUnknownNanos && tsNs <= known.flushedTo)
        m_report.note(IssueSeverity::Notice, "late-sample", offset,
            "a value of a pool, replica or queue came after the row of its time was written: it has a row of "
            "its own");
    Row &row = m_rows.emplace_back();
    row.target = target;
    row.tsNs = tsNs;
    known.open.emplace(tsNs, m_firstRow + m_rows.size() - 1);
    return row;
}

void SampleRows::part(std::uint32_t target, Nanos tsNs, std::string_view column, double value,
    std::uint64_t offset)
{
    if (target == kNone || !std::isfinite(value))
        return;
    const std::uint8_t number = columnNumber(column);
    Row &row = rowAt(target, tsNs, number, offset);
    for (auto &[known, old] : row.parts) {
        if (known != number)
            continue;
        m_report.note(IssueSeverity::Notice, "value-twice", offset,
            "two series give the same column of a pool, replica or queue at one time: the first was taken");
        return;
    }
    row.parts.emplace_back(number, value);
}

void SampleRows::extra(std::uint32_t target, Nanos tsNs, std::string json, std::uint64_t offset)
{
    if (target != kNone)
        rowAt(target, tsNs, -1, offset).extra = std::move(json);
}

RecordRef SampleRows::serverOf(const Target &target)
{
    const auto found = m_servers.find(target.instance);
    if (found != m_servers.end())
        return found->second;
    const std::array fields{RecordField{"kind", std::string_view("postgresql")},
        RecordField{"name", target.instance}};
    RecordRow row{};
    row.table = RecordTable::Server;
    row.fields = fields;
    return m_servers.emplace(target.instance, m_sink.record(row)).first->second;
}

void SampleRows::setting(std::uint32_t target, std::string_view name, double value, std::string_view unit,
    Nanos tsNs)
{
    if (target == kNone || !std::isfinite(value))
        return;
    const Target &about = m_targets[target - 1].target;
    std::string key = std::to_string(target) + '\x1F' + std::string(name);
    if (m_settings.size() >= kMaxOpen)
        m_settings.clear(); // they are written once more
    const auto [known, isNew] = m_settings.try_emplace(std::move(key), value);
    if (!isNew && known->second == value)
        return;
    known->second = value;
    const std::string text = numberText(value);
    RecordRow row{};
    row.table = tableOf(about.row);
    if (about.row == MetricRowKind::Setting) {
        row.server = serverOf(about);
        const std::array fields{RecordField{"ts_ns", std::int64_t(tsNs)}, RecordField{"name", name},
            RecordField{"setting", std::string_view(text)}, RecordField{"unit", unit}};
        row.fields = fields;
        m_sink.record(row);
    } else {
        const std::array fields{RecordField{"subject_kind", std::string_view(about.kind)},
            RecordField{"subject", std::string_view(about.subject)}, RecordField{"key", name},
            RecordField{"value", std::string_view(text)}};
        row.fields = fields;
        m_sink.record(row);
    }
}

void SampleRows::finish() { write(m_rows.size()); }

/// Values of a group go to its rows of that time.
void SampleRows::share(Row &row)
{
    const Target &target = m_targets[row.target - 1].target;
    if (target.share == MetricMeaning::Share::No)
        return;
    const auto group = m_groups.find(groupKeyOf(target));
    std::vector<Row *> members;
    if (group != m_groups.end()) {
        for (const std::uint32_t number : group->second) {
            const std::map<Nanos, std::uint64_t> &open = m_targets[number - 1].open;
            const auto near = open.lower_bound(saturatingSub(row.tsNs, kSameTime));
            if (near != open.end() && near->first <= saturatingAdd(row.tsNs, kSameTime))
                members.push_back(&m_rows[near->second - m_firstRow]);
        }
    }
    if (members.empty() || (target.share == MetricMeaning::Share::One && members.size() > 1))
        return;
    for (Row *member : members) {
        for (const auto &[number, value] : row.parts)
            setValue(*member, m_columns[number], value);
    }
    row.hidden = true;
}

/// The position of a cluster's leader goes to its replicas of that time.
void SampleRows::spreadLeader(const Row &row)
{
    const Known &leader = m_targets[row.target - 1];
    const double *position = valueOf(row, "current_position");
    if (leader.target.row != MetricRowKind::Replica || leader.target.group.empty() || position == nullptr
        || *position <= 0)
        return;
    const auto group = m_groups.find(groupKeyOf(leader.target));
    if (group == m_groups.end())
        return;
    const double value = *position;
    for (const std::uint32_t number : group->second) {
        if (number == row.target)
            continue;
        const std::map<Nanos, std::uint64_t> &open = m_targets[number - 1].open;
        const auto near = open.lower_bound(saturatingSub(row.tsNs, kLeaderTime));
        if (near == open.end() || near->first > saturatingAdd(row.tsNs, kLeaderTime))
            continue;
        Row &member = m_rows[near->second - m_firstRow];
        const double *own = valueOf(member, "current_position");
        if (own != nullptr && *own > 0)
            continue;
        const auto old = std::find_if(member.parts.begin(), member.parts.end(),
            [&](const auto &part) { return m_columns[part.first] == "current_position"; });
        if (old != member.parts.end())
            old->second = value;
        else
            setValue(member, "current_position", value);
    }
}

void SampleRows::write(std::size_t count)
{
    // What rows give each other, before the first of them goes.
    for (std::size_t i = 0; i < count; ++i) {
        share(m_rows[i]);
        spreadLeader(m_rows[i]);
    }
    for (std::size_t i = 0; i < count; ++i) {
        Row &row = m_rows[i];
        Known &known = m_targets[row.target - 1];
        known.open.erase(row.tsNs);
        if (known.flushedTo == kUnknownNanos || row.tsNs > known.flushedTo)
            known.flushedTo = row.tsNs;
        const MetricRowKind kind = known.target.row;
        const bool isRow = kind == MetricRowKind::Pool ? derivePool(row)
            : kind == MetricRowKind::Replica           ? deriveReplica(row)
                                                       : true;
        if (isRow && !row.hidden)
            writeRow(row);
    }
    m_rows.erase(m_rows.begin(), m_rows.begin() + static_cast<std::ptrdiff_t>(count));
    m_firstRow += count;
}

bool SampleRows::derivePool(Row &row)
{
    const double *total = valueOf(row, "total");
    const double *active = valueOf(row, "active");
    const double *idle = valueOf(row, "idle");
    if (total != nullptr && active != nullptr && idle == nullptr && *total >= *active)
        setValue(row, "idle", *total - *active);
    else if (total != nullptr && idle != nullptr && active == nullptr && *total >= *idle)
        setValue(row, "active", *total - *idle);
    return true;
}

/// False for a primary, which is no replica.
bool SampleRows::deriveReplica(Row &row)
{
    const auto is = [&](std::string_view column, double value) {
        const double *found = valueOf(row, column);
        return found != nullptr && *found == value;
    };
    if (is("is_primary", 1) || is("is_replica", 0))
        return false;
    // Position 0 is no position: a member that is not one or the other says so.
    std::erase_if(row.parts, [&](const auto &part) {
        const std::string &column = m_columns[part.first];
        return (isPosition(column) || column.ends_with("_at_s")) && part.second <= 0;
    });
    const double *current = valueOf(row, "current_position");
    if (const double *behind = valueOf(row, "behind_bytes"); behind != nullptr && current != nullptr)
        setValue(row, "replay_position", *current - *behind);
    const double *received = valueOf(row, "receive_position");
    const double *replayed = valueOf(row, "replay_position");
    if (received != nullptr && replayed != nullptr && *received >= *replayed)
        setValue(row, "unreplayed_bytes", *received - *replayed);
    const auto age = [&](std::string_view from, std::string_view to) {
        const double *at = valueOf(row, from);
        const double ms = at != nullptr ? static_cast<double>(row.tsNs) / 1e6 - *at * 1e3 : -1;
        if (ms >= 0)
            setValue(row, to, ms);
    };
    age("replayed_at_s", "replay_age_ms");
    age("message_at_s", "link_age_ms");
    return true;
}

void SampleRows::writeRow(const Row &row)
{
    const Target &target = m_targets[row.target - 1].target;
    std::vector<RecordField> fields{{"ts_ns", std::int64_t(row.tsNs)}};
    const auto text = [&](std::string_view column, const std::string &value) {
        if (!value.empty())
            fields.push_back({column, std::string_view(value)});
    };
    RecordRow record{};
    record.table = tableOf(target.row);
    switch (target.row) {
    case MetricRowKind::Pool:
        text("pool", target.subject);
        text("kind", target.kind);
        text("instance", target.instance);
        text("extra", row.extra);
        break;
    case MetricRowKind::Replica:
        record.server = serverOf(target);
        text("replica", target.subject);
        text("client", target.client);
        text("state", target.state);
        break;
    case MetricRowKind::Slot:
        record.server = serverOf(target);
        text("slot", target.subject);
        break;
    case MetricRowKind::Queue:
        text("queue", target.subject);
        text("partition", target.partition);
        text("consumer_group", target.consumerGroup);
        break;
    default:
        text("cache", target.subject);
        text("instance", target.instance);
        break;
    }
    static constexpr std::array<std::string_view, 6> kHelpers{"total", "behind_bytes", "is_primary",
        "is_replica", "replayed_at_s", "message_at_s"};
    std::size_t values = 0;
    for (const auto &[number, value] : row.parts) {
        const std::string &column = m_columns[number];
        if (std::find(kHelpers.begin(), kHelpers.end(), column) != kHelpers.end())
            continue;
        ++values;
        const bool whole = isInteger(target.row, column) && std::abs(value) < 9.0e18;
        if (whole)
            fields.push_back({column, static_cast<std::int64_t>(std::llround(value))});
        else
            fields.push_back({column, value});
    }
    record.fields = fields;
    if (values > 0)
        m_sink.record(record);
}

} // namespace tailscope::import
