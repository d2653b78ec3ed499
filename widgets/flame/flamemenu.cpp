// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/flame/flamemenu.h"

#include "widgets/base/theme.h"

#include <QCoreApplication>
#include <QMenu>

namespace tailscope::widgets {

namespace {

QString tr(const char *text) { return QCoreApplication::translate("FlameMenu", text); }

using Kind = analysis::TreeTransform::Kind;

void addSteps(QMenu *menu, const FlameMenuState &state, const std::function<void(Kind)> &narrow)
{
    const auto add = [&](const QString &text, const char *key, Kind kind, bool enabled = true) {
        QAction *action = menu->addAction(text, menu, [narrow, kind] { narrow(kind); });
        action->setEnabled(state.canNarrow && enabled);
        // Shown beside the text; the view itself listens to the key.
        action->setShortcut(QKeySequence(QString::fromLatin1(key)));
        action->setShortcutContext(Qt::WidgetShortcut);
    };
    add(tr("&Focus on Function"), "F", Kind::FocusFunction);
    add(tr("Focus on This &Path Only"), "Shift+F", Kind::FocusSubtree);
    add(tr("Focus on &Self Only"), "Shift+S", Kind::FocusTail);
    menu->addSeparator();
    add(tr("&Merge Function into Callers"), "M", Kind::MergeFunction);
    add(tr("Merge This &Node Only"), "Shift+M", Kind::MergeNode, !state.isBottomUp);
    add(tr("&Drop Stacks with Function"), "D", Kind::DropFunction);
    menu->addSeparator();
    add(tr("&Collapse What It Calls"), "C", Kind::CollapseFunction);
    add(tr("Collapse M&odule"), "Shift+C", Kind::CollapseGroup, !state.module.isEmpty());
    add(tr("Collapse &Recursion"), "R", Kind::CollapseRecursion);
    add(tr("Collapse D&irect Recursion"), "Shift+R", Kind::CollapseDirectRecursion);
}

} // namespace

QMenu *makeFlameMenu(QWidget *parent, const FlameMenuState &state,
    const std::function<void(FlameCommand)> &run, const std::function<void(Kind)> &narrow)
{
    auto *menu = new QMenu(parent);
    const auto add = [menu, &run](const QString &text, FlameCommand command, bool enabled,
                         const char *icon = nullptr, const QKeySequence &key = {}) {
        QAction *action = menu->addAction(text, menu, [run, command] { run(command); });
        action->setEnabled(enabled);
        if (icon)
            action->setIcon(themedIcon(QString::fromLatin1(icon)));
        // Shown beside the text; the canvas itself listens to the key.
        action->setShortcut(key);
        action->setShortcutContext(Qt::WidgetShortcut);
    };
    add(tr("&Zoom to Frame"), FlameCommand::Zoom, state.hasFrame, "zoom-in", Qt::Key_Return);
    add(tr("Zoom &Out"), FlameCommand::ZoomOut, state.isZoomed, "zoom-out", Qt::Key_Backspace);
    add(tr("&Reset Zoom"), FlameCommand::ResetZoom, state.isZoomed, "fit", Qt::Key_Home);
    menu->addSeparator();
    QMenu *steps = menu->addMenu(tr("Na&rrow the Tree"));
    steps->setEnabled(state.canNarrow);
    addSteps(steps, state, narrow);
    if (state.isTime)
        add(tr("Narrow All Views to This Ti&me"), FlameCommand::NarrowToWindow, true, "filter");
    add(tr("Callers and Call&ees"), FlameCommand::ShowFunctions, state.hasFrame);
    add(tr("Compare…"), FlameCommand::Compare, state.canCompare);
    menu->addSeparator();
    add(tr("Copy &Name"), FlameCommand::CopyName, state.hasFrame, "copy");
    add(tr("Copy S&tack"), FlameCommand::CopyStack, state.hasFrame);
    add(tr("Copy Row as TS&V"), FlameCommand::CopyRow, state.hasFrame);
    menu->addSeparator();
    add(tr("&Search for This"), FlameCommand::Search, state.hasFrame, "search");
    add(tr("&Filter to This Operation"), FlameCommand::Filter, state.hasFrame && state.isSpan, "filter");
    add(tr("Show in Time&line"), FlameCommand::ShowInTimeline, state.hasExample, "timeline");
    add(tr("Open File and Line in Ed&itor"), FlameCommand::OpenSource, state.isProfile, "open");
    menu->addSeparator();
    add(tr("Show S&QL"), FlameCommand::ShowSql, true, "console");
    add(tr("&Export Picture…"), FlameCommand::Export, true, "export");
    return menu;
}

} // namespace tailscope::widgets
