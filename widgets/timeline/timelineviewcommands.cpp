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
    if (selection.kind == session::Selection::Kind::Event) {
        for (const session::Marker &marker : session()->markers()) {
            const TimeRange window = m_canvas->window();
            if (marker.id == selection.id && !window.contains(marker.tsNs))
                m_canvas->setWindow({marker.tsNs - window.length() / 2, marker.tsNs + window.length() / 2},
                    true);
        }
        return;
    }
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
}

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
    m_menuMarker = hit.marker;
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
    const QList<session::Marker> markers = session()->markers();
    const QList<session::Note> notes = session()->notes();
    state.hasNote = m_menuMarker >= 0 && m_menuMarker < int(markers.size())
        && std::any_of(notes.begin(), notes.end(),
            [&](const session::Note &note) { return note.id == markers[m_menuMarker].id; });
    QMenu *menu = makeTimelineMenu(this, state, [this](TimelineCommand command) { run(command); });
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
