// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/timelinemodelsearch.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace tailscope::items {

using analysis::kNoRow;

std::pair<std::uint32_t, std::uint32_t> rowsOfTrack(const analysis::SpanColumns &columns, std::uint32_t track)
{
    const auto low = std::lower_bound(columns.lanes.begin(), columns.lanes.end(), track,
        [](const analysis::Lane &lane, std::uint32_t t) { return lane.track < t; });
    auto high = low;
    while (high != columns.lanes.end() && high->track == track)
        ++high;
    if (low == high)
        return {0, 0};
    return {low->first, std::prev(high)->first + std::prev(high)->count};
}

std::shared_ptr<const SpanMatches> findSpans(const analysis::SpanColumns &columns,
    const QRegularExpression &expression, const analysis::SpanBitmap *filter,
    std::optional<std::uint32_t> track, const CancelToken &cancel)
{
    auto matches = std::make_shared<SpanMatches>();
    matches->operations.assign(columns.operations.size(), 0);
    const bool usable = expression.isValid() && !expression.pattern().isEmpty();
    for (std::size_t i = 0; usable && i < columns.operations.size(); ++i) {
        if (i % 1024 == 0 && cancel.isCancelled())
            return nullptr;
        matches->operations[i]
            = expression.match(QString::fromStdString(columns.operations[i])).hasMatch() ? 1 : 0;
    }
    const auto size = std::uint32_t(columns.size());
    const auto [first, last] = track ? rowsOfTrack(columns, *track) : std::pair(std::uint32_t(0), size);
    matches->firstRow = first;
    matches->lastRow = last;
    auto rows = std::make_shared<analysis::SpanBitmap>(size);
    auto &words = rows->words();
    for (std::uint32_t row = first; row < last; ++row) {
        if (row % (1u << 18) == 0 && cancel.isCancelled())
            return nullptr;
        if (filter && !filter->test(row))
            continue;
        const Nanos self = columns.self[row];
        const double known = self == kUnknownNanos ? 0 : double(self);
        matches->allSelfNs += known;
        if (matches->operations[columns.operation[row]] == 0)
            continue;
        words[row >> 6] |= std::uint64_t(1) << (row & 63);
        ++matches->count;
        matches->selfNs += known;
    }
    matches->rows = std::move(rows);
    return matches;
}

std::uint32_t nextMatch(const analysis::SpanColumns &columns, const SpanMatches &matches,
    std::uint32_t fromRow, Nanos fromTime, bool forward)
{
    if (!matches.rows || matches.lastRow <= matches.firstRow || matches.rows->rows() != columns.size())
        return kNoRow;
    using Place = std::pair<Nanos, std::uint32_t>;
    const Place from = fromRow < columns.size() ? Place(columns.start[fromRow], fromRow)
                                                : Place(fromTime, forward ? 0 : kNoRow);
    // The nearest beyond `from`, and the far end of all for wrapping around.
    std::optional<Place> nearest, farthest;
    const auto &words = matches.rows->words();
    for (std::size_t word = matches.firstRow >> 6; word <= std::size_t(matches.lastRow - 1) >> 6; ++word) {
        for (std::uint64_t bits = words[word]; bits != 0; bits &= bits - 1) {
            const auto row = std::uint32_t(word * 64 + std::size_t(std::countr_zero(bits)));
            const Place place(columns.start[row], row);
            const bool beyond = forward ? place > from : place < from;
            if (beyond && (!nearest || (forward ? place < *nearest : place > *nearest)))
                nearest = place;
            if (!farthest || (forward ? place < *farthest : place > *farthest))
                farthest = place;
        }
    }
    if (nearest)
        return nearest->second;
    return farthest ? farthest->second : kNoRow;
}

SpanSearch::SpanSearch(session::SessionContext *context, QObject *parent)
    : QObject(parent)
    , m_context(context)
    , m_matchJob(context->jobs())
    , m_stepJob(context->jobs())
{
    connect(context, &session::SessionContext::dataChanged, this, [this] {
        if (isActive())
            restart();
    });
    connect(context, &session::SessionContext::filterChanged, this, [this] {
        if (isActive())
            restart();
    });
}

void SpanSearch::setExpression(const QRegularExpression &expression)
{
    if (expression == m_expression)
        return;
    m_expression = expression;
    restart();
}

void SpanSearch::setTrack(std::optional<std::uint32_t> track)
{
    if (track == m_track)
        return;
    m_track = track;
    if (isActive())
        restart();
}

void SpanSearch::restart()
{
    m_stepJob.cancel();
    const auto columns = m_context->columns();
    if (!isActive() || !columns) {
        m_matchJob.cancel();
        m_matches.reset();
        Q_EMIT changed();
        return;
    }
    // A result for other columns must never meet the new ones.
    if (m_matches && m_matches->rows->rows() != columns->size())
        m_matches.reset();
    using Found = std::shared_ptr<const SpanMatches>;
    const auto filter = m_context->filterBitmap();
    m_matchJob.start<Found>(
        this, {},
        [columns, filter, expression = m_expression, track = m_track](
            const Progress &progress) -> Result<Found> {
            return findSpans(*columns, expression, filter.get(), track, progress.cancel);
        },
        [this, columns](Result<Found> found) {
            if (!found || !*found || columns != m_context->columns())
                return;
            m_matches = std::move(*found);
            Q_EMIT changed();
        });
}

void SpanSearch::step(std::uint32_t fromRow, Nanos fromTime, bool forward)
{
    const auto columns = m_context->columns();
    const auto matches = m_matches;
    if (!columns || !matches)
        return;
    m_stepJob.start<std::uint32_t>(
        this, {},
        [columns, matches, fromRow, fromTime, forward](const Progress &) -> Result<std::uint32_t> {
            return nextMatch(*columns, *matches, fromRow, fromTime, forward);
        },
        [this, columns](Result<std::uint32_t> row) {
            if (row && *row != kNoRow && columns == m_context->columns())
                Q_EMIT found(*row);
        });
}

} // namespace tailscope::items
