// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/timelinemenu.h"

#include "widgets/base/theme.h"

#include <QCoreApplication>
#include <QMenu>

#include <algorithm>

namespace tailscope::widgets {

namespace {

/// More would not fit on a screen; [ and ] reach the others.
constexpr qsizetype kMaxNotes = 40;

QString tr(const char *text) { return QCoreApplication::translate("TimelineMenu", text); }

void addNotes(QMenu *menu, const TimelineMenuState &state, const std::function<void(qint64)> &goTo)
{
    QMenu *list = menu->addMenu(tr("Notes and Bookmarks (%1)").arg(state.notes.size()));
    list->setEnabled(!state.notes.isEmpty());
    QList<TimelineMenuState::Place> places = state.notes;
    std::sort(places.begin(), places.end(),
        [](const auto &a, const auto &b) { return a.ts != b.ts ? a.ts < b.ts : a.id < b.id; });
    for (const TimelineMenuState::Place &place : places.mid(0, kMaxNotes)) {
        QString text = place.text.left(100);
        list->addAction(text.replace(QLatin1Char('&'), QStringLiteral("&&")), list,
            [goTo, id = place.id] { goTo(id); });
    }
    if (places.size() > kMaxNotes)
        list->addAction(tr("%1 more: ] goes on").arg(places.size() - kMaxNotes))->setEnabled(false);
}

} // namespace

QMenu *makeTimelineMenu(QWidget *parent, const TimelineMenuState &state,
    const std::function<void(TimelineCommand)> &run, const std::function<void(qint64)> &goTo)
{
    auto *menu = new QMenu(parent);
    const auto add = [menu, &run](const QString &text, TimelineCommand command, bool enabled = true,
                         const char *icon = nullptr, const QKeySequence &key = {}) {
        QAction *action = menu->addAction(text, menu, [run, command] { run(command); });
        action->setEnabled(enabled);
        if (icon)
            action->setIcon(themedIcon(QString::fromLatin1(icon)));
        // Shown beside the text; the canvas itself listens to the key.
        action->setShortcut(key);
        action->setShortcutContext(Qt::WidgetShortcut);
    };
    add(tr("&Zoom to Span"), TimelineCommand::ZoomToSpan, state.hasSpan, "zoom-in", Qt::Key_F);
    add(tr("Select &Range of Span"), TimelineCommand::SelectRange, state.hasSpan);
    if (state.hasRange)
        add(tr("Clear Ran&ge"), TimelineCommand::ClearRange);
    add(tr("&Copy Details"), TimelineCommand::CopyDetails, state.hasSpan, "copy");
    menu->addSeparator();
    add(tr("&Filter to Operation"), TimelineCommand::FilterOperation, state.hasSpan, "filter");
    add(tr("Filter to Ser&vice"), TimelineCommand::FilterService, state.hasSpan && state.hasService);
    menu->addSeparator();
    add(state.isPinned ? tr("Un&pin Track") : tr("&Pin Track"), TimelineCommand::PinRow, state.hasRow);
    add(tr("&Hide Track"), TimelineCommand::HideRow, state.hasRow);
    if (state.hidden > 0)
        add(tr("Sho&w Hidden (%1)").arg(state.hidden), TimelineCommand::ShowHidden);
    if (state.isDeep)
        add(state.showsAllLanes ? tr("Show Fewer &Lanes") : tr("Show All &Lanes"), TimelineCommand::AllLanes);
    add(tr("C&ollapse All"), TimelineCommand::CollapseAll);
    add(tr("E&xpand All"), TimelineCommand::ExpandAll);
    menu->addSeparator();
    if (state.hasNote) {
        add(tr("&Edit Note"), TimelineCommand::EditNote);
        add(tr("Re&move Note"), TimelineCommand::RemoveNote);
    }
    add(tr("Add &Bookmark"), TimelineCommand::AddBookmark, true, "bookmark", Qt::Key_M);
    add(tr("&Add Note"), TimelineCommand::AddNote, true, nullptr, Qt::Key_N);
    add(tr("Next Marker"), TimelineCommand::NextMarker, state.hasMarkers, nullptr, Qt::Key_BracketRight);
    add(tr("Previous Marker"), TimelineCommand::PreviousMarker, state.hasMarkers, nullptr,
        Qt::Key_BracketLeft);
    addNotes(menu, state, goTo);
    menu->addSeparator();
    add(tr("Show S&QL"), TimelineCommand::ShowSql, true, "console");
    add(tr("Export Pic&ture…"), TimelineCommand::Export, true, "export");
    return menu;
}

} // namespace tailscope::widgets
