// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Synchronous commits and promotion: FL-08, FL-09, FL-10.
#include "analysis/replication.h"

#include "base/text.h"

#include <algorithm>

namespace tailscope::analysis {

std::string_view syncLevelName(SyncLevel level)
{
    switch (level) {
    case SyncLevel::Off:
        return "off";
    case SyncLevel::Local:
        return "local";
    case SyncLevel::RemoteWrite:
        return "remote_write";
    case SyncLevel::On:
        return "on";
    case SyncLevel::RemoteApply:
        return "remote_apply";
    }
    return {};
}

CommitWait commitWait(const CommitHops &hops, SyncLevel level, bool hasStandby)
{
    // Without a standby every level above local behaves as local.
    const SyncLevel used = !hasStandby && level > SyncLevel::Local ? SyncLevel::Local : level;
    const bool remote = used >= SyncLevel::RemoteWrite;
    CommitWait out;
    out.parts = {
        {"local_flush", hops.localFlush, used >= SyncLevel::Local},
        {"send", hops.oneWay, remote},
        {"standby_write", hops.standbyWrite, used == SyncLevel::RemoteWrite},
        {"standby_flush", hops.standbyFlush, used >= SyncLevel::On},
        {"apply", hops.apply, used == SyncLevel::RemoteApply},
        {"answer", hops.oneWay, remote},
    };
    for (const CommitPart &part : out.parts)
        out.totalMs += part.included ? part.ms : 0;
    return out;
}

namespace {

class SyncListParser
{
public:
    explicit SyncListParser(std::string_view text)
        : m_text(text)
    {}
    Result<SyncList> parse()
    {
        SyncList list;
        skipBlanks();
        if (m_at == m_text.size())
            return list;
        const std::size_t begin = m_at;
        std::string first = word();
        const std::string lower = toLowerAscii(first);
        std::string number;
        if (!m_quoted && (lower == "first" || lower == "any")) {
            skipBlanks();
            const std::size_t before = m_at;
            number = word();
            if (!number.empty() && isNumber(number)) {
                list.any = lower == "any";
            } else {
                m_at = before;
                number.clear();
            }
        } else if (!m_quoted && isNumber(first)) {
            number = first;
        }
        if (!number.empty()) {
            const auto n = parseInt64(number);
            if (!n || *n < 1 || *n > 10'000)
                return error(begin, "the number of standbys must be at least 1");
            list.n = int(*n);
            skipBlanks();
            if (!take('('))
                return error(m_at, "'(' is missing");
            TS_TRY(readNames(list));
            if (!take(')'))
                return error(m_at, "')' is missing");
        } else {
            m_at = begin;
            TS_TRY(readNames(list));
        }
        skipBlanks();
        if (m_at != m_text.size())
            return error(m_at, "unexpected text");
        return list;
    }

private:
    static bool isNumber(std::string_view text)
    {
        return text.find_first_not_of("0123456789") == std::string_view::npos;
    }
    tl::unexpected<Error> error(std::size_t at, std::string_view what) const
    {
        return fail(ErrorCode::BadInput, std::string(m_text.substr(0, 200)),
            std::string(what) + " at character " + std::to_string(at + 1),
            "The forms are: FIRST n (a, b), ANY n (a, b), n (a, b), a, b, *.");
    }
    void skipBlanks()
    {
        while (m_at < m_text.size() && std::string_view(" \t\r\n").find(m_text[m_at]) != std::string::npos)
            ++m_at;
    }
    bool take(char c)
    {
        skipBlanks();
        if (m_at < m_text.size() && m_text[m_at] == c)
            return ++m_at, true;
        return false;
    }
    std::string word()
    {
        skipBlanks();
        std::string out;
        m_quoted = m_at < m_text.size() && m_text[m_at] == '"';
        if (m_quoted) {
            for (++m_at; m_at < m_text.size(); ++m_at) {
                if (m_text[m_at] == '"' && (m_at + 1 >= m_text.size() || m_text[m_at + 1] != '"'))
                    return ++m_at, out;
                m_at += m_text[m_at] == '"' ? 1 : 0;
                out += m_text[m_at];
            }
            return {};
        }
        while (
            m_at < m_text.size() && std::string_view(" \t\r\n,()\"").find(m_text[m_at]) == std::string::npos)
            out += m_text[m_at++];
        return out;
    }
    Result<void> readNames(SyncList &list)
    {
        do {
            std::string name = word();
            if (name.empty())
                return error(m_at, "a name is missing");
            list.names.push_back(std::move(name));
        } while (take(','));
        return {};
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    bool m_quoted = false;
};

bool isNamed(const std::string &entry, const std::string &standby)
{
    return entry == "*" || toLowerAscii(entry) == toLowerAscii(standby);
}

} // namespace

Result<SyncList> parseSyncList(std::string_view text) { return SyncListParser(text).parse(); }

SyncWait syncWait(const SyncList &list, std::span<const StandbyAnswer> standbys)
{
    SyncWait out;
    if (list.names.empty()) {
        out.ms = 0;
        return out;
    }
    std::vector<const StandbyAnswer *> listed; // by priority, each once
    for (const std::string &name : list.names) {
        bool found = false;
        for (const StandbyAnswer &standby : standbys) {
            if (!standby.connected || !isNamed(name, standby.name))
                continue;
            found = true;
            if (std::find(listed.begin(), listed.end(), &standby) == listed.end())
                listed.push_back(&standby);
        }
        if (!found && name != "*")
            out.missing.push_back(name);
    }
    if (int(listed.size()) < list.n)
        return out;
    if (list.any)
        std::stable_sort(listed.begin(), listed.end(),
            [](const StandbyAnswer *a, const StandbyAnswer *b) { return a->ms < b->ms; });
    const auto last = std::max_element(listed.begin(), listed.begin() + list.n,
        [](const StandbyAnswer *a, const StandbyAnswer *b) { return a->ms < b->ms; });
    out.ms = (*last)->ms;
    out.waitsFor = (*last)->name;
    return out;
}

std::vector<PromotionRank> promotionRanks(std::span<const PromotionNode> nodes,
    std::optional<std::int64_t> primaryPosition, std::optional<double> walRate)
{
    std::vector<const PromotionNode *> known;
    for (const PromotionNode &node : nodes) {
        if (node.received || node.replayed)
            known.push_back(&node);
    }
    const auto reached = [](const PromotionNode *node) {
        return std::max(node->received.value_or(INT64_MIN), node->replayed.value_or(INT64_MIN));
    };
    // With some unknown there is no order by them.
    const bool allTold = std::all_of(known.begin(), known.end(),
        [](const PromotionNode *node) { return node->timeline.has_value(); });
    std::stable_sort(known.begin(), known.end(), [&](const PromotionNode *a, const PromotionNode *b) {
        // Histories of different timelines cannot be compared: the newest one first.
        if (allTold && *a->timeline != *b->timeline)
            return *a->timeline > *b->timeline;
        if (reached(a) != reached(b))
            return reached(a) > reached(b);
        return a->replayed.value_or(INT64_MIN) > b->replayed.value_or(INT64_MIN);
    });
    std::vector<PromotionRank> out;
    for (const PromotionNode *node : known) {
        PromotionRank rank;
        rank.name = node->name;
        const auto best = known.front()->timeline;
        const bool comparable = !best || !node->timeline || *best == *node->timeline;
        rank.behindBest = std::max<std::int64_t>(0, saturatingSub(reached(known.front()), reached(node)));
        if (node->synchronous) {
            rank.lostBytes = 0;
        } else if (primaryPosition && comparable) {
            rank.lostBytes = std::max<std::int64_t>(0, *primaryPosition - reached(node));
        }
        if (rank.lostBytes && walRate && *walRate > 0)
            rank.lostSeconds = double(*rank.lostBytes) / *walRate;
        out.push_back(std::move(rank));
    }
    return out;
}

} // namespace tailscope::analysis
