// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/flame/flamemenu.h"

#include "widgets/base/theme.h"

#include <QCoreApplication>
#include <QMenu>

namespace tailscope::widgets {

namespace {

QString tr(const char *text) { return QCoreApplication::translate("FlameMenu", text); }

} // namespace

QMenu *makeFlameMenu(QWidget *parent, const FlameMenuState &state,
    const std::function<void(FlameCommand)> &run)
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
    add(tr("Copy &Name"), FlameCommand::CopyName, state.hasFrame, "copy");
    add(tr("Copy S&tack"), FlameCommand::CopyStack, state.hasFrame);
    add(tr("Copy Row as TS&V"), FlameCommand::CopyRow, state.hasFrame);
    menu->addSeparator();
    add(tr("&Search for This"), FlameCommand::Search, state.hasFrame, "search");
    add(tr("&Filter to This Operation"), FlameCommand::Filter, state.hasFrame && state.isSpan, "filter");
    add(tr("Show in Time&line"), FlameCommand::ShowInTimeline, state.hasExample, "timeline");
    menu->addSeparator();
    add(tr("Show S&QL"), FlameCommand::ShowSql, true, "console");
    add(tr("&Export Picture…"), FlameCommand::Export, true, "export");
    return menu;
}

} // namespace tailscope::widgets
