// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pglog/lockrows.h"

#include "base/text.h"

#include <algorithm>
#include <array>

namespace tailscope::import::pglog {

namespace {

constexpr std::size_t kMaxMembers = 1000;

bool isDigit(char c) { return c >= '0' && c <= '9'; }

/// The first whole number at or after `from`; moves `from` behind it.
std::optional<std::int64_t> nextNumber(std::string_view text, std::size_t &from)
{
    while (from < text.size() && !isDigit(text[from]))
        ++from;
    const std::size_t begin = from;
    while (from < text.size() && isDigit(text[from]))
        ++from;
    return parseInt64(text.substr(begin, from - begin));
}

/// The last whole number of a text.
std::optional<std::int64_t> lastNumber(std::string_view text)
{
    std::size_t end = text.size();
    while (end > 0 && !isDigit(text[end - 1]))
        --end;
    std::size_t begin = end;
    while (begin > 0 && isDigit(text[begin - 1]))
        --begin;
    return parseInt64(text.substr(begin, end - begin));
}

constexpr auto kModes = std::to_array<std::string_view>(
    {"AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock", "ShareLock",
        "ShareRowExclusiveLock", "AccessExclusiveLock", "ExclusiveLock", "SIReadLock"});

/// The mode of a lock and what stands behind it up to `end`, without the words that join them.
bool splitMode(std::string_view text, std::size_t from, std::string_view &mode, std::string_view &behind)
{
    std::size_t best = std::string_view::npos;
    for (const std::string_view name : kModes) {
        const std::size_t at = text.find(name, from);
        // Of "ShareRowExclusiveLock" the part "ExclusiveLock" begins later.
        if (at < best || (at == best && at != std::string_view::npos && name.size() > mode.size())) {
            best = at;
            mode = name;
        }
    }
    if (best == std::string_view::npos)
        return false;
    mode = text.substr(best, mode.size());
    behind = text.substr(best + mode.size());
    return true;
}

std::vector<std::int64_t> numbersOf(std::string_view text)
{
    std::vector<std::int64_t> numbers;
    for (std::size_t at = 0; numbers.size() < kMaxMembers;) {
        const std::optional<std::int64_t> number = nextNumber(text, at);
        if (!number)
            break;
        numbers.push_back(*number);
    }
    return numbers;
}

/// "Process holding the lock: 12. Wait queue: 34, 56." -> 12
std::vector<std::int64_t> holdersOf(std::string_view detail)
{
    const std::size_t colon = detail.find(':');
    if (colon == std::string_view::npos)
        return {};
    const std::string_view rest = detail.substr(colon + 1);
    return numbersOf(rest.substr(0, rest.find('.')));
}

std::string_view outcomeText(LockWait::Outcome outcome)
{
    switch (outcome) {
    case LockWait::Outcome::Waiting:
        return "waiting";
    case LockWait::Outcome::Acquired:
        return "acquired";
    case LockWait::Outcome::DeadlockAvoided:
        return "deadlock_avoided";
    case LockWait::Outcome::Deadlock:
        return "deadlock";
    case LockWait::Outcome::Failed:
        return "failed";
    }
    return "waiting";
}

bool contains(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

} // namespace

LockTarget lockTarget(std::string_view words)
{
    LockTarget target;
    const std::size_t relation = words.find("relation ");
    if (relation != std::string_view::npos) {
        std::size_t at = relation;
        if (const auto number = nextNumber(words, at))
            target.relation = std::to_string(*number);
    }
    target.type = contains(words, "extension of relation") ? "extend"
        : contains(words, "datfrozenxid")                  ? "frozenid"
        : words.starts_with("page ")                       ? "page"
        : words.starts_with("tuple ")                      ? "tuple"
        : words.starts_with("relation ")                   ? "relation"
        : words.starts_with("virtual transaction ")        ? "virtualxid"
        : words.starts_with("speculative token ")          ? "spectoken"
        : words.starts_with("transaction ")                ? "transactionid"
        : words.starts_with("object ")                     ? "object"
        : words.starts_with("user lock ")                  ? "userlock"
        : words.starts_with("advisory lock ")              ? "advisory"
                                                           : "";
    return target;
}

std::optional<LockWait> parseLockWait(std::string_view message)
{
    message = message.substr(0, message.find('\n'));
    std::string_view behind;
    LockWait wait;
    if (message.size() > 1000 || !splitMode(message, 0, wait.mode, behind))
        return std::nullopt;
    const std::string_view before
        = message.substr(0, static_cast<std::size_t>(wait.mode.data() - message.data()));
    std::size_t at = 0;
    const std::optional<std::int64_t> pid = nextNumber(before, at);
    if (!pid || !contains(before, "process"))
        return std::nullopt;
    wait.pid = *pid;
    const std::size_t after = behind.rfind(" after ");
    std::size_t end = behind.rfind(" ms");
    if (after == std::string_view::npos || end == std::string_view::npos || end < after + 7)
        return std::nullopt;
    const std::optional<double> waited = parseDouble(behind.substr(after + 7, end - after - 7));
    if (!waited)
        return std::nullopt;
    wait.waitedMs = *waited;
    wait.object = behind.substr(0, after);
    if (wait.object.starts_with(" on "))
        wait.object.remove_prefix(4);
    if (const std::size_t by = wait.object.find(" by rearranging"); by != std::string_view::npos)
        wait.object = wait.object.substr(0, by);
    wait.outcome = contains(before, "acquired") && !contains(before, "failed") ? LockWait::Outcome::Acquired
        : contains(before, "avoided")  ? LockWait::Outcome::DeadlockAvoided
        : contains(before, "detected") ? LockWait::Outcome::Deadlock
        : contains(before, "failed")   ? LockWait::Outcome::Failed
                                       : LockWait::Outcome::Waiting;
    return wait;
}

std::vector<DeadlockWait> parseDeadlock(std::string_view detail)
{
    std::vector<DeadlockWait> waits;
    DeadlockWait *query = nullptr;
    std::string_view label; ///< "Process " in the server's language: texts may hold such words too
    for (const std::string_view line : split(detail, '\n')) {
        DeadlockWait wait;
        std::string_view behind;
        std::size_t at = 0;
        const std::optional<std::int64_t> first = nextNumber(line, at);
        const bool isWait = query == nullptr && first && splitMode(line, at, wait.mode, behind);
        const std::optional<std::int64_t> last = isWait ? lastNumber(behind) : std::nullopt;
        if (isWait && last && waits.size() < kMaxMembers) {
            wait.pid = *first;
            wait.waitsFor = *last;
            wait.object = behind.substr(0, behind.find(';'));
            if (wait.object.starts_with(" on "))
                wait.object.remove_prefix(4);
            waits.push_back(std::move(wait));
            continue;
        }
        // "Process 12: UPDATE ...": a process of the cycle, and a colon behind its number.
        const std::string_view rest = first ? line.substr(at) : std::string_view();
        const std::string_view before
            = line.substr(0, std::min(line.find_first_of("0123456789"), line.size()));
        const std::size_t colon = rest.starts_with(" :") ? 1 : 0;
        const bool labelled
            = first && rest.substr(colon).starts_with(": ") && (query == nullptr || before == label);
        const auto member = std::find_if(waits.begin(), waits.end(),
            [&](const DeadlockWait &w) { return labelled && w.pid == *first && w.query.empty(); });
        if (member != waits.end()) {
            query = &*member;
            label = before;
            query->query = rest.substr(colon + 2);
        } else if (query != nullptr) {
            query->query.append(1, '\n').append(line);
        }
    }
    return waits;
}

std::string_view contextRelation(std::string_view context)
{
    constexpr std::string_view kMark = "in relation \"";
    const std::size_t at = context.find(kMark);
    if (at == std::string_view::npos)
        return {};
    const std::string_view rest = context.substr(at + kMark.size());
    return rest.substr(0, rest.find('"'));
}

void LockRows::edge(const LogRecord &record, std::int64_t blocked, std::int64_t blocker,
    std::string_view mode, std::string_view object, std::string_view relation, std::optional<double> waitedMs)
{
    const LockTarget target = lockTarget(object);
    const std::string_view named = relation.empty() ? std::string_view(target.relation) : relation;
    std::vector<RecordField> fields;
    if (record.tsNs != kUnknownNanos)
        fields.push_back({"ts_ns", record.tsNs});
    fields.push_back({"blocked_pid", blocked});
    fields.push_back({"blocker_pid", blocker});
    if (!target.type.empty())
        fields.push_back({"lock_type", target.type});
    fields.push_back({"mode", mode});
    if (!named.empty())
        fields.push_back({"relation", named});
    if (waitedMs)
        fields.push_back({"waited_ms", *waitedMs});
    RecordRow row{RecordTable::LockEdge, m_context.server, {}, {}, {}, {}};
    row.fields = fields;
    m_context.sink.record(row);
}

void LockRows::describeWait(const LockWait &wait, const LogRecord &record, LogRow &row)
{
    row.kind = "lock_wait";
    row.durationMs = wait.waitedMs;
    if (!row.pid)
        row.pid = wait.pid;
    const LockTarget target = lockTarget(wait.object);
    RowAttributes &attributes = m_context.attributes;
    attributes.text("lock.outcome", std::string(outcomeText(wait.outcome)));
    attributes.text("lock.mode", std::string(wait.mode));
    if (!target.type.empty())
        attributes.text("lock.type", std::string(target.type));
    const std::string_view relation = contextRelation(record.context);
    if (!relation.empty() || !target.relation.empty())
        attributes.text("lock.relation", relation.empty() ? target.relation : std::string(relation));
}

void LockRows::waitRows(const LockWait &wait, const LogRecord &record)
{
    std::vector<std::int64_t> holders = holdersOf(record.detail);
    const auto known = std::find_if(m_waiting.begin(), m_waiting.end(),
        [&](const Holders &waiting) { return waiting.pid == wait.pid; });
    const bool ends
        = wait.outcome == LockWait::Outcome::Acquired || wait.outcome == LockWait::Outcome::Failed;
    if (holders.empty() && ends && known != m_waiting.end())
        holders = known->holders;
    if (known != m_waiting.end())
        m_waiting.erase(known);
    for (const std::int64_t holder : holders)
        edge(record, wait.pid, holder, wait.mode, wait.object, contextRelation(record.context),
            wait.waitedMs);
    if (!ends && !holders.empty()) {
        if (m_waiting.size() >= kMaxWaiting)
            m_waiting.pop_front();
        m_waiting.push_back({wait.pid, std::move(holders)});
    }
}

void LockRows::deadlockRows(const std::vector<DeadlockWait> &waits, const LogRecord &record, LogRef log)
{
    ++m_deadlocks;
    std::int64_t position = 0;
    for (const DeadlockWait &wait : waits) {
        const LockTarget target = lockTarget(wait.object);
        // The context is that of the process whose wait was broken off.
        const bool victim = record.pid ? wait.pid == *record.pid : position == 0;
        const std::string_view context = victim ? contextRelation(record.context) : std::string_view();
        const std::string_view relation = context.empty() ? std::string_view(target.relation) : context;
        std::vector<RecordField> fields{{"deadlock", m_deadlocks}, {"position", position++},
            {"pid", wait.pid}, {"waits_for_pid", wait.waitsFor}, {"mode", wait.mode},
            {"waits_for", wait.object}};
        if (record.tsNs != kUnknownNanos)
            fields.push_back({"ts_ns", record.tsNs});
        if (!target.type.empty())
            fields.push_back({"lock_type", target.type});
        if (!relation.empty())
            fields.push_back({"relation", relation});
        if (!wait.query.empty()) {
            fields.push_back({"query_text", std::string_view(wait.query)});
            fields.push_back({"statement_id", std::string_view(wait.query)});
        }
        RecordRow row{RecordTable::DeadlockMember, m_context.server, {}, {}, log, {}};
        row.fields = fields;
        m_context.sink.record(row);
        edge(record, wait.pid, wait.waitsFor, wait.mode, wait.object, context, std::nullopt);
    }
}

} // namespace tailscope::import::pglog
