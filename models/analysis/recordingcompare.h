// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/activehistory.h"
#include "analysis/statementrange.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Two recordings, or two ranges of one, side by side: before and after a change.
namespace tailscope::analysis {

/// Means of n values each with their (population) standard deviations: are they the same? Welch's test, two
/// sided. nullopt: fewer than two values on a side, or no spread at all.
struct WelchTest
{
    double t = 0; ///< positive: the second mean is larger
    double freedom = 0; ///< degrees, by Welch and Satterthwaite
    double p = 1;
};
std::optional<WelchTest> welchTest(double n1, double mean1, double deviation1, double n2, double mean2,
    double deviation2);
/// P(|T| > t) of Student's distribution.
double studentTail(double t, double freedom);

/// Counts in times of different length: is the rate the same? As if events came by themselves (Poisson): of
/// all n events a share of time1 / (time1 + time2) would be in the first. Two sided, exact up to 1,000
/// events, normal with continuity above. nullopt: no events, or no time.
std::optional<double> poissonRateTest(double count1, double time1, double count2, double time2);

enum class Change { Same, More, Less, OnlyFirst, OnlySecond, NotComparable };

/// A statement in both.
struct StatementChange
{
    std::int64_t statement = 0;
    std::string queryId;
    std::optional<StatementInRange> first, second;
    std::optional<double> meanRatio, rateRatio; ///< second / first
    std::optional<WelchTest> meanTest;
    std::optional<double> rateP;
    Change mean = Change::Same, rate = Change::Same; ///< beyond chance and by more than kLeastChange
    std::string why; ///< NotComparable: the reason
    double timeGainedMs = 0; ///< per second of wall time: what it takes more (positive) or less in the second
};
inline constexpr double kLeastChange = 0.05; ///< relative; less is no change, however sure
inline constexpr double kChance = 0.01; ///< p below it is no chance

/// By the time they gained or lost, the largest first. seconds: covered by the samples of each side.
std::vector<StatementChange> compareStatements(const StatementRange &first, double firstSeconds,
    const StatementRange &second, double secondSeconds);
/// The longest time that a server's samples cover.
double coveredSeconds(const StatementRange &range);

/// Average active sessions by type and event of wait.
struct WaitChange
{
    std::string wait;
    double first = 0, second = 0; ///< average active sessions
    bool isSure = false; ///< the difference exceeds twice the error of both samples
};
std::vector<WaitChange> compareWaits(const ActivityHistory &first, const ActivityHistory &second);

/// A figure of a server over a range.
struct Headline
{
    std::string name, server, unit; ///< unit: "/s", "bytes/s", "share", "" = as it is
    std::optional<double> first, second;
};
/// Which part of a workspace is one side.
struct RecordingSide
{
    std::int64_t source = 0; ///< only this one; 0 = all
    TimeRange range;
};
/// Commits, rollbacks, hit ratio, WAL, sessions, temporary bytes, deadlocks of both sides, by server.
/// The readers may be of two workspaces.
Result<std::vector<Headline>> readHeadlines(store::Database &firstReader, const RecordingSide &first,
    store::Database &secondReader, const RecordingSide &second, const Progress &progress);

/// A source that is a recording, or holds samples of a server more than once.
struct RecordingItem
{
    std::int64_t source = 0;
    std::string name; ///< path or title
    TimeRange range; ///< first to last sample
};
Result<std::vector<RecordingItem>> readRecordings(store::Database &reader);

} // namespace tailscope::analysis
