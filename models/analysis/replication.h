// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/quantiles.h"
#include "base/result.h"
#include "base/units.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::analysis {

/// Formulas of replication (FL). Pure; any thread. Unknown input is nullopt, never 0; what has no answer is a
/// word (LagWord, "never"), never a number.

/// `X/Y` hexadecimal -> bytes (FL-01): at most eight digits a half, any case. Errors name the text.
Result<std::int64_t> parseLsn(std::string_view text);
/// "16/B374D848"; negative positions are not WAL positions and give an empty text.
std::string lsnText(std::int64_t position);
/// The WAL file that holds a position, and the offset in it (16 MiB segments unless told otherwise).
struct WalPlace
{
    std::string file; ///< "0000000100000016000000B3"
    std::int64_t offset = 0;
};
WalPlace walPlace(std::int64_t position, std::uint32_t timeline, std::int64_t segmentBytes = 16 << 20);

/// Where the bytes are that a replica lacks (FL-02).
enum class LagStage { Unknown, None, Unsent, Unwritten, Unflushed, Unreplayed };
std::string_view stageName(LagStage stage); ///< as in lag_verdict.stage; empty for Unknown and None
struct ByteLag
{
    std::optional<std::int64_t> unsent, unwritten, unflushed, unreplayed;
    /// Sum of what is known; nullopt when a stage is missing.
    std::optional<std::int64_t> total() const;
    /// Sum of the known stages, whatever is missing; nullopt when none is known.
    std::optional<std::int64_t> known() const;
    /// The largest stage; None = all known and 0; Unknown = a stage is missing and the rest is 0.
    LagStage stage() const;
    std::optional<double> shareOf(LagStage stage) const; ///< of known(); nullopt when that is 0 or unknown
};
struct WalPositions
{
    std::optional<std::int64_t> current, sent, written, flushed, replayed;
};
/// Differences of neighbouring positions; a negative one (a sample of another moment, or a new timeline) is
/// unknown.
ByteLag byteLag(const WalPositions &positions);

/// What is known of a replica at one moment, from its primary or from itself.
struct ReplicaFacts
{
    WalPositions positions;
    ByteLag bytes; ///< as given, or byteLag(positions)
    std::optional<std::int64_t> received; ///< by the standby's receiver
    std::optional<double> walRate; ///< bytes/s written by the primary
    std::optional<double> replayLagMs; ///< as the primary says
    std::optional<double> replayAgeMs; ///< since the commit that was replayed last
    std::optional<double> linkAgeMs; ///< since the last message
    std::optional<bool> paused;
    std::optional<double> applyDelayMs; ///< on purpose
    std::string state; ///< streaming, catchup, ...; empty = unknown
};

enum class LagSource { Unknown, Positions, ReplayLag, Idle, Clock, Rate, Link };
/// Lag in milliseconds with the idle guard (FL-03).
struct LagNow
{
    double ms = 0; ///< NaN = unknown
    LagSource source = LagSource::Unknown;
    bool idleArtefact = false; ///< the clock formula shows a lag that is not there
    bool linkCut = false; ///< nothing arrives: positions say nothing
    bool skewed = false; ///< a negative figure became 0
};
struct LagLimits
{
    double linkMs = 30'000; ///< no message for longer: cut (wal_receiver_status_interval is 10 s)
};
LagNow lagNow(const ReplicaFacts &facts, const LagLimits &limits = {});

/// A lag series: times ascend, NaN = unknown.
struct LagPoint
{
    Nanos ts = 0;
    double ms = 0;
};

enum class LagWord { NoVerdict, Steady, CatchingUp, Slower, Stalled };
/// Slope of lag over time (FL-04), least squares; seconds per second.
struct LagSlope
{
    LagWord word = LagWord::NoVerdict; ///< fewer than five samples or a gap: no verdict
    double slope = 0;
    std::optional<double> catchUpSeconds; ///< lag / -slope while catching up
};
LagSlope lagSlope(std::span<const LagPoint> points);
/// First moment the line between samples reaches a value from below; nullopt: never.
std::optional<Nanos> crossingUp(std::span<const LagPoint> points, double ms);

/// Share of samples above a think time (FL-05). Samples count alike unless weights are given.
struct StaleReads
{
    std::int64_t n = 0;
    double share = 0; ///< NaN = no samples
    std::optional<double> perDay; ///< stale reads
    std::optional<double> staleP50Ms, staleP99Ms; ///< lag - d of those above
};
StaleReads staleReads(std::span<const double> lagMs, double thinkMs, std::optional<double> readsPerDay = {});
/// Sticky window and token fallback (FL-06).
struct StickyWindow
{
    double windowMs = 0; ///< NaN = no samples: nearest rank of the quantile
    double fallbackShare = 0;
    std::optional<double> primaryReadsPerSecond;
};
StickyWindow stickyWindow(std::span<const double> lagMs, Quantile quantile, double tokenWaitMs,
    std::optional<double> readsPerSecond = {});
/// Nearest rank of doubles; NaN values are left out; nullopt when nothing is left.
std::optional<double> percentileOf(std::span<const double> values, Quantile q);

/// backlog / (apply - inflow) in seconds (FL-07); nullopt = never. A backlog of 0 is 0.
std::optional<double> catchUpSeconds(double backlog, double apply, double inflow);

/// Parts of a commit by synchronous_commit (FL-08), milliseconds.
struct CommitHops
{
    double localFlush = 3, oneWay = 1, standbyWrite = 0.2, standbyFlush = 3, apply = 2;
};
enum class SyncLevel { Off, Local, RemoteWrite, On, RemoteApply };
std::string_view syncLevelName(SyncLevel level);
struct CommitPart
{
    std::string_view name; ///< local_flush, send, standby_write, standby_flush, apply, answer
    double ms = 0;
    bool included = false; ///< false: not waited for at this level
};
struct CommitWait
{
    std::vector<CommitPart> parts;
    double totalMs = 0;
};
CommitWait commitWait(const CommitHops &hops, SyncLevel level, bool hasStandby = true);

/// synchronous_standby_names (FL-09).
struct SyncList
{
    bool any = false; ///< ANY n; else FIRST n
    int n = 1;
    std::vector<std::string> names; ///< "*" = every standby; empty list = asynchronous
};
Result<SyncList> parseSyncList(std::string_view text);
struct StandbyAnswer
{
    std::string name;
    double ms = 0;
    bool connected = true;
};
struct SyncWait
{
    std::optional<double> ms; ///< nullopt = commits wait until a standby returns
    std::string waitsFor; ///< the standby whose answer decides
    std::vector<std::string> missing; ///< named, not connected
};
SyncWait syncWait(const SyncList &list, std::span<const StandbyAnswer> standbys);

/// Candidates for promotion (FL-10), the best first.
struct PromotionNode
{
    std::string name;
    std::optional<std::int64_t> received, replayed;
    std::optional<std::int64_t> timeline;
    bool synchronous = false;
};
struct PromotionRank
{
    std::string name;
    std::optional<std::int64_t> lostBytes; ///< against the last known position of the primary
    std::optional<double> lostSeconds;
    std::int64_t behindBest = 0;
};
std::vector<PromotionRank> promotionRanks(std::span<const PromotionNode> nodes,
    std::optional<std::int64_t> primaryPosition, std::optional<double> walRate);

/// Link use and time to a full disk (FL-11).
std::optional<double> linkUse(double walRate, double otherRate, double capacity);
std::optional<double> secondsToFull(double freeBytes, double growthPerSecond);

/// Sustained gate (FL-12): every sample below the limit for a window without gaps.
struct SustainedGate
{
    std::optional<Nanos> met; ///< first moment
    std::string_view reason; ///< when not met: "no_samples", "never_long_enough"
};
SustainedGate sustainedBelow(std::span<const LagPoint> points, double limitMs, Nanos window, Nanos maxGap);

} // namespace tailscope::analysis
