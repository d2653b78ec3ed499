// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// How the timeline follows the shared context, and its commands.
#include "widgets/timeline/timelineview.h"

#include "widgets/base/emptystate.h"
#include "widgets/timeline/timelinecanvas.h"
#include "widgets/timeline/timelinedetails.h"
#include "widgets/timeline/timelinenoteeditor.h"

#include <QClipboard>
#include <QFileDialog>
#include <QGuiApplication>
#include <QMenu>

#include <algorithm>
#include <limits>
#include <utility>

namespace tailscope::widgets {

namespace {

/// A range narrower than this share of the window is not seen well enough to leave the window alone.
constexpr double kSeenShare = 0.02;

bool isPinnable(const items::TimelineRow &row)
{
    return row.kind == items::TimelineRow::Kind::Track || row.kind == items::TimelineRow::Kind::Series
        || row.kind == items::TimelineRow::Kind::Density;
}

} // namespace

void TimelineView::followSelection()
{
    const session::Selection selection = context()->selection();
    const auto columns = context()->columns();
    const QString operation
        = selection.kind == session::Selection::Kind::Operation ? selection.text : QString();
    if (operation != std::exchange(m_pointedOperation, operation)) {
        const QString pattern = QRegularExpression::anchoredPattern(QRegularExpression::escape(operation));
        m_operationSearch->setExpression(
            operation.isEmpty() ? QRegularExpression() : QRegularExpression(pattern));
    }
    if (selection.kind == session::Selection::Kind::Event) {
        showMarker(selection.id);
        return;
    }
    if (selection.kind == session::Selection::Kind::Series)
        revealSeries(selection.id);
    if (selection.kind != session::Selection::Kind::Span || !columns) {
        m_lookup.cancel();
        if (selection.kind == session::Selection::Kind::None)
            m_canvas->setSelectedRow(analysis::kNoRow, false);
        updateDetails();
        return;
    }
    const std::uint32_t shown = m_canvas->selectedRow();
    if (shown < columns->size() && columns->id(shown) == selection.id) {
        updateDetails();
        return;
    }
    // The first look-up builds an index over all spans.
    m_lookup.start<std::uint32_t>(
        this, {},
        [columns, id = selection.id](
            const Progress &) -> Result<std::uint32_t> { return columns->rowOfId(id); },
        [this, columns](Result<std::uint32_t> row) {
            if (!row || columns != context()->columns())
                return;
            m_canvas->setSelectedRow(*row, true);
            updateDetails();
        });
}

void TimelineView::followRange()
{
    const TimeRange window = m_canvas->window();
    if (context()->range() && !m_ownRange && !window.isEmpty()) {
        const TimeRange range = m_model->toAxis(*context()->range());
        const bool isInside = range.begin >= window.begin && range.end <= window.end;
        if (!isInside || double(range.length()) < kSeenShare * double(window.length()))
            m_canvas->fit(range);
    }
    m_canvas->update();
}

void TimelineView::selectSpan(std::uint32_t row)
{
    const auto columns = context()->columns();
    if (columns && row < columns->size()) {
        context()->setSelection({session::Selection::Kind::Span, columns->id(row),
            QString::fromStdString(columns->operations[columns->operation[row]])});
    } else {
        context()->setSelection({});
    }
    updateDetails();
}

void TimelineView::selectMarker(int index)
{
    const QList<session::Marker> markers = session()->markers();
    if (index < 0 || index >= int(markers.size()))
        return;
    context()->setSelection({session::Selection::Kind::Event, markers[index].id, markers[index].title});
    // The same marker again, after the window moved away.
    showMarker(markers[index].id);
}

void TimelineView::showMarker(qint64 id)
{
    const TimeRange window = m_canvas->window();
    for (const session::Marker &marker : session()->markers()) {
        if (marker.id != id || window.contains(marker.tsNs))
            continue;
        const Nanos half = window.length() / 2;
        m_canvas->setWindow({saturatingSub(marker.tsNs, half), saturatingAdd(marker.tsNs, half)}, true);
    }
}

void TimelineView::stepMarker(bool forward)
{
    const QList<session::Marker> markers = session()->markers();
    const session::Selection selection = context()->selection();
    const TimeRange window = m_canvas->window();
    // From the marker that is selected, else from the middle of what is seen.
    Nanos from = window.begin + window.length() / 2;
    qint64 fromId = forward ? std::numeric_limits<qint64>::min() : std::numeric_limits<qint64>::max();
    for (const session::Marker &marker : markers) {
        if (selection.kind == session::Selection::Kind::Event && marker.id == selection.id) {
            from = marker.tsNs;
            fromId = marker.id;
        }
    }
    const int next = markerBeside(markers, from, fromId, forward);
    if (next < 0) {
        Q_EMIT statusText(forward ? tr("No marker after this one") : tr("No marker before this one"));
        return;
    }
    selectMarker(next);
    Q_EMIT statusText(
        tr("%1 at %2").arg(markerLabel(markers[next]), context()->timeText(markers[next].tsNs)));
}

void TimelineView::selectSeries(qint64 seriesId)
{
    const items::SeriesInfo *info = m_model->series()->info(seriesId);
    context()->setSelection({session::Selection::Kind::Series, seriesId, info ? info->metric : QString()});
}

void TimelineView::revealSeries(qint64 seriesId)
{
    const QString key = QStringLiteral("series/%1").arg(seriesId);
    const auto isShown = [&] {
        const auto hasKey = [&](const items::TimelineRow &row) { return row.key == key; };
        const items::TimelineRows &rows = m_model->rows();
        return std::any_of(rows.pinned.begin(), rows.pinned.end(), hasKey)
            || std::any_of(rows.rows.begin(), rows.rows.end(), hasKey);
    };
    if (!isShown() && m_model->series()->info(seriesId)) {
        m_showSeries->setChecked(true);
        m_model->setHidden(key, false);
        if (!isShown())
            m_model->setAllCollapsed(false);
    }
    m_canvas->focusRow(key);
}

void TimelineView::addBookmark() { session()->addNote(m_canvas->cursorTime(), std::nullopt, {}); }

void TimelineView::selectRange(TimeRange range)
{
    m_ownRange = true;
    context()->setRange(range.isEmpty() ? std::nullopt : std::optional(m_model->fromAxis(range)));
    m_ownRange = false;
}

void TimelineView::startNote()
{
    Nanos ts = m_canvas->cursorTime();
    std::optional<Nanos> end;
    if (context()->range() && m_model->toAxis(*context()->range()).contains(ts)) {
        const TimeRange range = m_model->toAxis(*context()->range());
        ts = range.begin;
        end = range.end;
    }
    const TimelineFrame &frame = m_canvas->frame();
    m_noteEditor->open(QPoint(int(std::clamp(frame.scale().toX(ts), 0.0, 1e6)), frame.layout.top() + 2), 0,
        ts, end, {});
}

void TimelineView::editNote(int markerIndex)
{
    const QList<session::Marker> markers = session()->markers();
    if (markerIndex < 0 || markerIndex >= int(markers.size()))
        return;
    const session::Marker &marker = markers[markerIndex];
    const TimelineFrame &frame = m_canvas->frame();
    m_noteEditor->open(QPoint(int(std::clamp(frame.scale().toX(marker.tsNs), 0.0, 1e6)),
                           frame.layout.top() + 2),
        marker.id, marker.tsNs, marker.endNs, marker.title);
}

void TimelineView::keepNote(qint64 noteId, Nanos ts, std::optional<Nanos> end, const QString &text)
{
    if (noteId != 0)
        session()->editNote(noteId, text);
    else
        session()->addNote(ts, end, text);
}

const items::TimelineRow *TimelineView::menuRow() const
{
    for (const auto *rows : {&m_model->rows().pinned, &m_model->rows().rows}) {
        const auto found = std::find_if(rows->begin(), rows->end(),
            [this](const items::TimelineRow &row) { return row.key == m_menuRowKey; });
        if (found != rows->end())
            return &*found;
    }
    return nullptr;
}

void TimelineView::openMenu(const QPoint &globalPosition)
{
    const TimelineHit &hit = m_canvas->hovered();
    const auto columns = context()->columns();
    const std::uint32_t span = m_canvas->selectedRow();
    m_menuRowKey.clear();
    const QList<session::Marker> markers = session()->markers();
    m_menuMarker = hit.marker;
    // By keyboard nothing is under the pointer: the marker that [ and ] went to.
    const session::Selection selection = context()->selection();
    for (int i = 0; m_menuMarker < 0 && i < int(markers.size()); ++i) {
        if (selection.kind == session::Selection::Kind::Event && markers[i].id == selection.id)
            m_menuMarker = i;
    }
    if (hit.row)
        m_menuRowKey = m_canvas->frame().row(*hit.row).key;
    else if (const auto header = m_canvas->focusedHeader())
        m_menuRowKey = m_canvas->frame().row(*header).key;
    else if (columns && span < columns->size())
        m_menuRowKey = QStringLiteral("track/%1").arg(columns->tracks[columns->track[span]].id);
    TimelineMenuState state;
    state.hasSpan = columns && span < columns->size();
    state.hasService = state.hasSpan && !columns->tracks[columns->track[span]].service.empty();
    state.hasRange = context()->range().has_value();
    state.hidden = m_model->rows().hidden;
    if (const items::TimelineRow *row = menuRow(); row && isPinnable(*row)) {
        state.hasRow = true;
        state.isPinned = row->isPinned;
        state.isDeep = row->laneCount > items::kLanesAtFirst;
        state.showsAllLanes = state.isDeep && row->shownLanes == row->laneCount;
    }
    const QList<session::Note> notes = session()->notes();
    state.hasMarkers = !markers.isEmpty();
    state.hasNote = m_menuMarker >= 0 && m_menuMarker < int(markers.size())
        && std::any_of(notes.begin(), notes.end(),
            [&](const session::Note &note) { return note.id == markers[m_menuMarker].id; });
    for (const session::Marker &marker : markers) {
        const bool isNote = std::any_of(notes.begin(), notes.end(),
            [&](const session::Note &note) { return note.id == marker.id; });
        if (isNote)
            state.notes.append({marker.id, marker.tsNs,
                tr("%1  %2").arg(context()->timeText(marker.tsNs), markerLabel(marker))});
    }
    QMenu *menu = makeTimelineMenu(
        this, state, [this](TimelineCommand command) { run(command); },
        [this](qint64 id) {
            const QList<session::Marker> known = session()->markers();
            for (int i = 0; i < int(known.size()); ++i) {
                if (known[i].id == id)
                    selectMarker(i);
            }
        });
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->popup(globalPosition);
}

void TimelineView::run(TimelineCommand command)
{
    switch (command) {
    case TimelineCommand::ZoomToSpan:
    case TimelineCommand::SelectRange:
    case TimelineCommand::CopyDetails:
    case TimelineCommand::FilterOperation:
    case TimelineCommand::FilterService:
        runForSpan(command);
        break;
    case TimelineCommand::PinRow:
    case TimelineCommand::HideRow:
    case TimelineCommand::AllLanes:
        runForRow(command);
        break;
    case TimelineCommand::ClearRange:
        selectRange({});
        break;
    case TimelineCommand::ShowHidden:
        m_model->showHidden();
        break;
    case TimelineCommand::CollapseAll:
    case TimelineCommand::ExpandAll:
        m_model->setAllCollapsed(command == TimelineCommand::CollapseAll);
        break;
    case TimelineCommand::AddNote:
        startNote();
        break;
    case TimelineCommand::AddBookmark:
        addBookmark();
        break;
    case TimelineCommand::NextMarker:
    case TimelineCommand::PreviousMarker:
        stepMarker(command == TimelineCommand::NextMarker);
        break;
    case TimelineCommand::EditNote:
        editNote(m_menuMarker);
        break;
    case TimelineCommand::RemoveNote:
        if (const auto markers = session()->markers();
            m_menuMarker >= 0 && m_menuMarker < int(markers.size()))
            session()->removeNote(markers[m_menuMarker].id);
        break;
    case TimelineCommand::ShowSql:
        Q_EMIT sqlRequested(showSql());
        break;
    case TimelineCommand::Export:
        exportWithDialog();
        break;
    }
}

void TimelineView::runForSpan(TimelineCommand command)
{
    const auto columns = context()->columns();
    const std::uint32_t row = m_canvas->selectedRow();
    if (!columns || row >= columns->size())
        return;
    const analysis::TrackInfo &track = columns->tracks[columns->track[row]];
    const Nanos shift = m_model->shiftOf(columns->track[row]);
    const Nanos begin = saturatingAdd(columns->start[row], shift);
    switch (command) {
    case TimelineCommand::ZoomToSpan:
        m_canvas->zoomToSpan(row);
        break;
    case TimelineCommand::SelectRange:
        selectRange({begin, std::max(saturatingAdd(begin, 1), saturatingAdd(columns->end(row), shift))});
        break;
    case TimelineCommand::CopyDetails:
        QGuiApplication::clipboard()->setText(spanDetails(*columns, row, *context()));
        break;
    case TimelineCommand::FilterOperation:
        narrowTo(QStringLiteral("operation"), columns->operations[columns->operation[row]]);
        break;
    case TimelineCommand::FilterService:
        narrowTo(QStringLiteral("service"), track.service);
        break;
    default:
        break;
    }
}

void TimelineView::runForRow(TimelineCommand command)
{
    const items::TimelineRow *found = menuRow();
    if (!found)
        return;
    const items::TimelineRow row = *found;
    if (command == TimelineCommand::PinRow)
        m_model->setPinned(row.key, !row.isPinned);
    else if (command == TimelineCommand::HideRow)
        m_model->setHidden(row.key, true);
    else if (command == TimelineCommand::AllLanes)
        m_model->setAllLanes(row.key, row.shownLanes < row.laneCount);
}

void TimelineView::narrowTo(const QString &field, const std::string &value)
{
    QString quoted = QString::fromStdString(value);
    quoted.replace(QLatin1Char('\\'), QStringLiteral("\\\\"))
        .replace(QLatin1Char('"'), QStringLiteral("\\\""));
    context()->narrow(QStringLiteral("%1=\"%2\"").arg(field, quoted));
}

void TimelineView::exportWithDialog()
{
    auto *dialog = new QFileDialog(this, tr("Export Picture"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilters({tr("PNG picture (*.png)"), tr("SVG picture (*.svg)")});
    dialog->setDefaultSuffix(QStringLiteral("png"));
    connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString &filter) {
        const bool isSvg = filter.contains(QLatin1String("*.svg"));
        dialog->setDefaultSuffix(isSvg ? QStringLiteral("svg") : QStringLiteral("png"));
    });
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &path) {
        const QString problem = exportPicture(path);
        if (!problem.isEmpty())
            m_banner->show(Banner::Level::Warning, problem);
    });
    dialog->open();
}

} // namespace tailscope::widgets
