// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/statementverdict.h"

#include "base/sqltokens.h"
#include "base/text.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <numeric>

namespace tailscope::analysis {

namespace {

using Kind = SqlTokens::Kind;

constexpr std::size_t kMaxTables = 32;
constexpr std::size_t kMaxScanned = 64 * 1024; ///< of a text, for its tables

std::string number(double value)
{
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, value >= 100 ? "%.0f" : "%.3g", value);
    if (value >= 10'000)
        return groupedCount(static_cast<std::int64_t>(value));
    return buffer;
}

std::string percent(double share) { return number(100 * share) + " %"; }

bool isWrite(std::string_view command)
{
    return command == "insert" || command == "update" || command == "delete" || command == "merge"
        || command == "copy" || command == "truncate";
}

/// What every verdict of one origin looks at.
struct Overview
{
    double totalMs = 0;
    std::int64_t calls = 0;
    std::map<std::string, std::int64_t> writes; ///< calls that change a table
    std::vector<std::size_t> rank; ///< by place: 0 = most time
};

Overview overviewOf(std::span<const StatementFigures> statements)
{
    Overview all;
    std::vector<std::size_t> order(statements.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
        [&](std::size_t a, std::size_t b) { return statements[a].totalMs > statements[b].totalMs; });
    all.rank.resize(order.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        all.rank[order[i]] = i;
    for (const StatementFigures &one : statements) {
        all.totalMs += one.totalMs;
        all.calls += one.calls;
        if (!isWrite(statementCommand(one.text)))
            continue;
        for (const std::string &table : statementTables(one.text))
            all.writes[table] += one.calls;
    }
    return all;
}

StatementVerdict verdictOfIndex(const StatementFigures &one)
{
    if (one.badPlans > 0)
        return {"index",
            std::to_string(one.badPlans) + " of " + std::to_string(one.plans) + " plans: " + one.badScan};
    if (!one.sharedHit && !one.sharedRead)
        return {};
    const double blocks = double(one.sharedHit.value_or(0)) + double(one.sharedRead.value_or(0));
    const double perCall = blocks / double(one.calls);
    const double rows = std::max<double>(double(one.rows.value_or(0)), double(one.calls));
    if (one.meanMs() < kCheapMeanMs || perCall < kBlocksPerCall || blocks / rows < kBlocksPerRow)
        return {};
    return {"index",
        number(blocks / rows) + " blocks touched for each row returned, " + number(one.meanMs())
            + " ms a call: look at its plan for a scan that an index would spare"};
}

StatementVerdict verdictOfBatch(const StatementFigures &one, std::string_view command, const Overview &all)
{
    const double share = all.calls > 0 ? double(one.calls) / double(all.calls) : 0;
    if (one.calls < kManyCalls || one.meanMs() >= kCheapMeanMs || share < kCheapCallsShare)
        return {};
    const std::string figures = number(double(one.calls)) + " calls (" + percent(share) + " of all) of "
        + number(one.meanMs()) + " ms";
    const double rowsPerCall = one.rows ? double(*one.rows) / double(one.calls) : 1;
    if (command == "insert" && rowsPerCall <= 1)
        return {"batch", figures + " that insert a row each: put many rows into one statement"};
    return {"batch", figures + ": ask for many at once instead of one after the other"};
}

StatementVerdict verdictOfCache(const StatementFigures &one, std::string_view command, const Overview &all)
{
    // A log has the slow executions only: how often a question is asked is not known from it.
    if (one.origin == StatementOrigin::Log || (command != "select" && command != "with") || !one.questions)
        return {};
    const std::int64_t questions = std::max<std::int64_t>(*one.questions, 1);
    if (one.calls < kManyCalls || questions > kFewQuestions
        || double(one.calls) / double(questions) < kRepeats)
        return {};
    std::int64_t writes = 0;
    for (const std::string &table : statementTables(one.text)) {
        if (const auto found = all.writes.find(table); found != all.writes.end())
            writes += found->second;
    }
    if (writes > 0 && double(one.calls) / double(writes) < kReadsPerWrite)
        return {};
    return {"cache",
        number(double(one.calls)) + " calls ask " + number(double(questions))
            + (questions == 1 ? " question" : " different questions") + ", "
            + (writes > 0 ? number(double(writes)) + " writes to its tables"
                          : "no write to its tables was seen")
            + ": keep the answers where old ones will do"};
}

StatementVerdict verdictOf(const StatementFigures &one, std::size_t rank, const Overview &all)
{
    const std::string command = statementCommand(one.text);
    const double share = all.totalMs > 0 ? one.totalMs / all.totalMs : 0;
    if (rank >= kTopStatements)
        return {"leave",
            "number " + std::to_string(rank + 1) + " by total time, " + percent(share) + " of it"};
    if (command != "select" && command != "with" && !isWrite(command) && command != "values"
        && command != "execute" && !command.empty())
        return {"leave", "no query but a command: " + command};
    if (StatementVerdict index = verdictOfIndex(one); !index.reason.empty())
        return index;
    if (StatementVerdict batch = verdictOfBatch(one, command, all); !batch.reason.empty())
        return batch;
    if (StatementVerdict cache = verdictOfCache(one, command, all); !cache.reason.empty())
        return cache;
    const bool hasBlocks = one.sharedHit.has_value() || one.sharedRead.has_value();
    if (one.plans == 0 && !hasBlocks)
        return {"unknown", "neither a plan nor block counts of it: import its EXPLAIN (ANALYZE, BUFFERS)"};
    if (one.plans == 0 && one.meanMs() >= kDearMeanMs)
        return {"unknown",
            number(one.meanMs()) + " ms a call and no plan of it: import its EXPLAIN (ANALYZE, BUFFERS)"};
    std::string figures = number(one.meanMs()) + " ms a call";
    if (hasBlocks) {
        const double blocks = double(one.sharedHit.value_or(0)) + double(one.sharedRead.value_or(0));
        figures += ", " + number(blocks / double(one.calls)) + " blocks a call";
    }
    return {"leave",
        figures + (one.plans > 0 ? ": no scan of its plans throws most rows away" : ": nothing stands out")};
}

} // namespace

std::string statementCommand(std::string_view sql)
{
    SqlTokens tokens(sql);
    std::string token;
    for (int i = 0; i < 8; ++i) {
        const Kind kind = tokens.next(token);
        if (kind == Kind::Word)
            return token;
        if (kind == Kind::End)
            break;
    }
    return {};
}

std::set<std::string> statementTables(std::string_view sql)
{
    SqlTokens tokens(sql.substr(0, kMaxScanned));
    std::set<std::string> tables;
    std::string token, name;
    bool expected = false; // a name
    bool isQualified = false; // a dot was just seen behind a name
    bool inList = false; // FROM a, b
    for (Kind kind = tokens.next(token); kind != Kind::End && tables.size() < kMaxTables;
         kind = tokens.next(token)) {
        const auto finish = [&] {
            if (!name.empty())
                tables.insert(name);
            name.clear();
        };
        if (kind == Kind::Symbol && token == "." && !name.empty()) {
            isQualified = true;
            continue;
        }
        if (kind == Kind::Word && isQualified) {
            name = token;
            isQualified = false;
        } else if (kind == Kind::Word
            && (token == "from" || token == "join" || token == "into" || token == "update")) {
            finish();
            expected = true;
            inList = token == "from";
            continue;
        } else if (kind == Kind::Word && expected && (token == "only" || token == "lateral")) {
            continue;
        } else if (kind == Kind::Word && expected) {
            finish();
            name = token;
            inList = inList && token != "select";
            expected = false;
        } else if (kind == Kind::Symbol && token == "," && inList) {
            finish();
            expected = true;
        } else {
            finish();
            expected = false;
            if (kind == Kind::Symbol || token == "where" || token == "set" || token == "group"
                || token == "order")
                inList = false;
        }
        if (name.size() >= 2 && (name.front() == '"' || name.front() == '`'))
            name = name.substr(1, name.size() - 2);
    }
    if (!name.empty() && tables.size() < kMaxTables)
        tables.insert(name);
    return tables;
}

std::vector<StatementVerdict> statementVerdicts(std::span<const StatementFigures> statements)
{
    const Overview all = overviewOf(statements);
    std::vector<StatementVerdict> verdicts;
    verdicts.reserve(statements.size());
    for (std::size_t i = 0; i < statements.size(); ++i) {
        StatementVerdict verdict = verdictOf(statements[i], all.rank[i], all);
        if (statements[i].wasReset)
            verdict.reason += "; the counters were reset in between";
        else if (statements[i].origin == StatementOrigin::Log)
            verdict.reason += "; the log has only what took longer than log_min_duration_statement";
        verdicts.push_back(std::move(verdict));
    }
    return verdicts;
}

} // namespace tailscope::analysis
