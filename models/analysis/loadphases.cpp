// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/loadphases.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace tailscope::analysis {

namespace {

constexpr Nanos kSteep = 120 * kNanosPerSecond; ///< a rise within it may be a spike
constexpr Nanos kShortSpike = 300 * kNanosPerSecond;

struct Piece
{
    std::size_t first = 0, last = 0;
    bool isFlat = false;
    double from = 0, to = 0;
    std::size_t length() const { return last - first + 1; }
};

double medianOf(std::span<const double> values)
{
    std::vector<double> sorted(values.begin(), values.end());
    const auto half = sorted.begin() + std::ptrdiff_t(sorted.size() / 2);
    std::nth_element(sorted.begin(), half, sorted.end());
    return *half;
}

double meanOf(std::span<const double> values)
{
    double sum = 0;
    for (const double value : values)
        sum += value;
    return sum / double(values.size());
}

class Finder
{
public:
    Finder(std::span<const double> load, Nanos binNs, const LoadPhaseOptions &options)
        : m_load(load)
        , m_binNs(binNs)
        , m_options(options)
    {
        for (const double value : load)
            m_most = std::isnan(value) ? m_most : std::max(m_most, value);
    }

    std::vector<LoadPhaseSpan> find()
    {
        cut();
        joinRamps();
        return name();
    }

private:
    double tolerance(double level) const
    {
        double wide = std::max(m_options.tolerance * level, 0.5);
        if (m_options.isNoisy)
            wide = std::max(wide, 4 * std::sqrt(std::max(level, 0.0) / (double(m_binNs) / 1e9)));
        return wide;
    }
    /// Greedy stretches that stay within the tolerance; those that still lean are no levels.
    void cut()
    {
        for (std::size_t i = 0; i < m_load.size();) {
            if (std::isnan(m_load[i])) {
                ++i;
                continue;
            }
            double low = m_load[i], high = m_load[i];
            std::size_t end = i + 1;
            for (; end < m_load.size() && !std::isnan(m_load[end]); ++end) {
                const double nextLow = std::min(low, m_load[end]), nextHigh = std::max(high, m_load[end]);
                if (nextHigh - nextLow > 2 * tolerance((nextLow + nextHigh) / 2))
                    break;
                low = nextLow;
                high = nextHigh;
            }
            m_pieces.push_back(piece(i, end - 1));
            i = end;
        }
    }
    Piece piece(std::size_t first, std::size_t last) const
    {
        Piece out{first, last};
        const std::span<const double> values = m_load.subspan(first, last - first + 1);
        out.from = values.front();
        out.to = values.back();
        if (values.size() < 3)
            return out;
        const std::size_t third = std::max<std::size_t>(1, values.size() / 3);
        const double lean = meanOf(values.last(third)) - meanOf(values.first(third));
        const double level = medianOf(values);
        out.isFlat = std::abs(lean) <= tolerance(level) / 2;
        if (out.isFlat)
            out.from = out.to = level;
        return out;
    }
    /// Pieces between levels are one ramp a direction; what of a level still leans at its ends goes to them.
    void joinRamps()
    {
        std::vector<Piece> joined;
        for (const Piece &next : m_pieces) {
            if (joined.empty() || next.isFlat || joined.back().isFlat
                || joined.back().last + 1 != next.first) {
                joined.push_back(next);
                continue;
            }
            Piece &before = joined.back();
            const bool up = m_load[before.last] >= m_load[before.first],
                       stillUp = next.to >= m_load[before.last];
            if (before.length() > 1 && up != stillUp) {
                joined.push_back(next);
                continue;
            }
            before.last = next.last;
            before.to = m_load[next.last];
        }
        for (std::size_t i = 0; i < joined.size(); ++i) {
            if (!joined[i].isFlat)
                continue;
            const double near = tolerance(joined[i].from) / 2;
            if (i > 0 && !joined[i - 1].isFlat && joined[i - 1].last + 1 == joined[i].first)
                while (joined[i].length() > 3 && std::abs(m_load[joined[i].first] - joined[i].from) > near)
                    joined[i - 1].last = joined[i].first++;
            if (i + 1 < joined.size() && !joined[i + 1].isFlat && joined[i].last + 1 == joined[i + 1].first)
                while (joined[i].length() > 3 && std::abs(m_load[joined[i].last] - joined[i].from) > near)
                    joined[i + 1].first = joined[i].last--;
        }
        std::erase_if(joined, [&](const Piece &each) {
            return std::max(each.from, each.to) <= 0.01 * m_most; // no load
        });
        m_pieces = std::move(joined);
    }
    Nanos lengthOf(const Piece &piece) const { return Nanos(piece.length()) * m_binNs; }
    bool isJoined(std::size_t i) const { return m_pieces[i].last + 1 == m_pieces[i + 1].first; }

    /// A level at least twice its neighbours and short beside the run, with its flanks.
    std::optional<std::size_t> spikeEnd(std::size_t i) const
    {
        std::size_t top = i, end = i;
        if (!m_pieces[i].isFlat && m_pieces[i].to > m_pieces[i].from) {
            if (i + 1 >= m_pieces.size() || !isJoined(i))
                return std::nullopt;
            top = i + 1;
            end = i + 1;
        }
        if (i == 0 || !isJoined(i - 1))
            return std::nullopt;
        const double before = m_pieces[i - 1].to;
        if (m_pieces[top].isFlat && top + 1 < m_pieces.size() && isJoined(top) && !m_pieces[top + 1].isFlat
            && m_pieces[top + 1].to < m_pieces[top + 1].from)
            end = top + 1;
        const double high = std::max(m_pieces[top].from, m_pieces[i].to);
        const double after
            = end + 1 < m_pieces.size() && isJoined(end) ? m_pieces[end + 1].from : m_pieces[end].to;
        Nanos length = 0;
        for (std::size_t k = i; k <= end; ++k)
            length += lengthOf(m_pieces[k]);
        const Nanos run = Nanos(m_load.size()) * m_binNs;
        if (!(before > 0.01 * m_most) || high < 2 * before || high < 2 * after
            || length > std::max(kShortSpike, run / 10))
            return std::nullopt;
        return end;
    }

    std::vector<LoadPhaseSpan> name()
    {
        std::vector<LoadPhaseSpan> out;
        for (std::size_t i = 0; i < m_pieces.size(); ++i) {
            const Piece &piece = m_pieces[i];
            if (const auto end = spikeEnd(i)) {
                double top = 0;
                for (std::size_t k = piece.first; k <= m_pieces[*end].last; ++k)
                    top = std::max(top, m_load[k]);
                out.push_back(
                    {LoadPhaseKind::Spike, piece.first, m_pieces[*end].last, m_pieces[i - 1].to, top});
                i = *end;
                continue;
            }
            LoadPhaseSpan span{LoadPhaseKind::Ramp, piece.first, piece.last, piece.from, piece.to};
            if (piece.isFlat)
                span.kind = lengthOf(piece) >= m_options.soak ? LoadPhaseKind::Soak : LoadPhaseKind::Hold;
            else if (piece.from > 0.01 * m_most && piece.to >= 3 * piece.from && lengthOf(piece) <= kSteep)
                span.kind = LoadPhaseKind::Spike;
            out.push_back(span);
        }
        nameSteps(out);
        return out;
    }
    /// Three and more levels in a row, each higher, with flanks that take a tenth of a level's time at most.
    static void nameSteps(std::vector<LoadPhaseSpan> &spans)
    {
        for (std::size_t i = 0; i < spans.size();) {
            std::vector<std::size_t> levels;
            std::size_t k = i;
            for (; k < spans.size(); ++k) {
                const std::size_t bins = spans[k].last - spans[k].first + 1;
                if (spans[k].kind == LoadPhaseKind::Hold) {
                    if (!levels.empty() && spans[k].from <= spans[levels.back()].from)
                        break;
                    levels.push_back(k);
                } else if (levels.empty() || spans[k].kind != LoadPhaseKind::Ramp
                    || spans[k].to < spans[k].from
                    || bins * 10 > spans[levels.back()].last - spans[levels.back()].first + 1) {
                    break;
                }
            }
            if (levels.size() >= 3)
                for (const std::size_t level : levels)
                    spans[level].kind = LoadPhaseKind::Step;
            i = std::max(i + 1, k);
        }
    }

    std::span<const double> m_load;
    Nanos m_binNs;
    LoadPhaseOptions m_options;
    double m_most = 0;
    std::vector<Piece> m_pieces;
};

} // namespace

std::string_view phaseKindId(LoadPhaseKind kind)
{
    constexpr std::array<std::string_view, 5> kIds{"ramp", "hold", "spike", "soak", "step"};
    return kIds[std::size_t(kind)];
}

std::vector<LoadPhaseSpan> findLoadPhases(std::span<const double> load, Nanos binNs,
    const LoadPhaseOptions &options)
{
    return load.empty() || binNs <= 0 ? std::vector<LoadPhaseSpan>{} : Finder(load, binNs, options).find();
}

} // namespace tailscope::analysis
