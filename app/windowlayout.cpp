// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The part of MainWindow that places the docks and keeps the layout: of the workspace, and those with a name.
#include "app/mainwindow.h"
#include "app/viewregistry.h"
#include "session/session.h"
#include "widgets/base/theme.h"

#include <QDockWidget>
#include <QInputDialog>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLayout>
#include <QMenu>
#include <QSettings>

#include <algorithm>

namespace tailscope::app {

namespace {

constexpr int kLayoutVersion = 3;

}

void MainWindow::saveLayout()
{
    QSettings settings;
    settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
    if (!m_session)
        return;
    // An untitled one too: what was opened and noted must be there after a restart or a crash.
    if (!m_untitled || !m_session->sources().isEmpty())
        settings.setValue(QStringLiteral("lastWorkspace"),
            QString::fromStdString(m_session->workspace().path().string()));
    if (!m_layoutRestored)
        return;
    const QByteArray docks = m_dockHost->saveState(kLayoutVersion);
    settings.setValue(QStringLiteral("window/docks"), docks);
    QJsonObject states;
    for (auto it = m_views.cbegin(); it != m_views.cend(); ++it) {
        const QJsonObject state = it.value()->saveState();
        if (!state.isEmpty())
            states.insert(it.key(), state);
    }
    m_session->setProperty(QStringLiteral("views"),
        QString::fromUtf8(QJsonDocument(states).toJson(QJsonDocument::Compact)));
    m_session->setProperty(QStringLiteral("docks"), QString::fromLatin1(docks.toBase64()));
    m_session->setProperty(QStringLiteral("contents"), m_shownContents.join(QLatin1Char(' ')));
    m_session->setProperty(QStringLiteral("filter"), m_session->context()->filterText());
    const auto range = m_session->context()->range();
    m_session->setProperty(QStringLiteral("range"),
        range ? QStringLiteral("%1 %2").arg(range->begin).arg(range->end) : QString());
}

void MainWindow::restoreLayout()
{
    m_layoutRestored = true;
    const QByteArray own = QByteArray::fromBase64(m_session->property(QStringLiteral("docks")).toLatin1());
    m_shownContents
        = m_session->property(QStringLiteral("contents")).split(QLatin1Char(' '), Qt::SkipEmptyParts);
    const QByteArray docks
        = own.isEmpty() ? QSettings().value(QStringLiteral("window/docks")).toByteArray() : own;
    // Refused when the set of docks or the version differs: then the default stays.
    if (!docks.isEmpty() && !m_dockHost->restoreState(docks, kLayoutVersion))
        defaultLayout();
    showViewsWithData(own.isEmpty());
    const QJsonObject states
        = QJsonDocument::fromJson(m_session->property(QStringLiteral("views")).toUtf8()).object();
    for (auto it = m_views.cbegin(); it != m_views.cend(); ++it) {
        if (!states.contains(it.key()))
            continue;
        // A file may come from anybody: opening it asks no server (see RemoteView).
        QJsonObject state = states.value(it.key()).toObject();
        state.remove(QStringLiteral("ask"));
        it.value()->restoreState(state);
    }
    const QStringList range
        = m_session->property(QStringLiteral("range")).split(QLatin1Char(' '), Qt::SkipEmptyParts);
    if (range.size() == 2 && range.at(0).toLongLong() < range.at(1).toLongLong())
        m_session->context()->setRange(TimeRange{range.at(0).toLongLong(), range.at(1).toLongLong()});
    const QString filter = m_session->property(QStringLiteral("filter"));
    if (!filter.isEmpty())
        m_session->context()->setFilterText(filter);
}

void MainWindow::defaultLayout()
{
    using Area = widgets::ViewDescriptor::Area;
    QHash<int, QList<QDockWidget *>> docks;
    for (const widgets::ViewDescriptor &row : viewRegistry()) {
        QDockWidget *dock = m_docks.value(row.id);
        dock->setFloating(false);
        m_dockHost->removeDockWidget(dock);
        docks[int(row.area)].append(dock);
    }
    const auto first = [&](Area area) { return docks.value(int(area)).first(); };
    QDockWidget *center = first(Area::Center);
    // Split while each area has one dock: splitting a tabbed one adds a tab instead.
    m_dockHost->addDockWidget(Qt::LeftDockWidgetArea, first(Area::Left));
    m_dockHost->addDockWidget(Qt::RightDockWidgetArea, center);
    m_dockHost->splitDockWidget(center, first(Area::Right), Qt::Horizontal);
    m_dockHost->splitDockWidget(center, first(Area::Bottom), Qt::Vertical);
    for (const QList<QDockWidget *> &area : std::as_const(docks)) {
        for (QDockWidget *dock : area) {
            if (dock != area.first())
                m_dockHost->tabifyDockWidget(area.first(), dock);
            dock->show();
        }
    }
    m_dockHost->layout()->activate();
    for (const QList<QDockWidget *> &area : std::as_const(docks))
        area.first()->raise();
    const int total = qMax(width(), 900);
    m_dockHost->resizeDocks({first(Area::Left), center, first(Area::Right)},
        {total * 16 / 100, total * 64 / 100, total * 20 / 100}, Qt::Horizontal);
    const int height = qMax(this->height(), 600);
    m_dockHost->resizeDocks({center, first(Area::Bottom)}, {height * 70 / 100, height * 24 / 100},
        Qt::Vertical);
}

/// Tabs only of views that have something to show, and of those that were asked for by name. `isFirst`: the
/// layout does not come from this workspace; else a view that was closed here stays closed until new kinds of
/// data come.
void MainWindow::showViewsWithData(bool isFirst)
{
    const QStringList contents = m_session->contents();
    for (const widgets::ViewDescriptor &row : viewRegistry()) {
        const QStringList needs = contentsOfView(row.id);
        if (needs.isEmpty())
            continue;
        const auto isAmong = [&](const QStringList &there) {
            return std::any_of(needs.begin(), needs.end(),
                [&](const QString &one) { return there.contains(one); });
        };
        QDockWidget *dock = m_docks.value(row.id);
        const bool hasData = isAmong(contents);
        if (!hasData && !m_askedViews.contains(row.id) && !dock->isFloating())
            dock->hide();
        else if (hasData && (isFirst || !isAmong(m_shownContents)))
            dock->show();
    }
    m_shownContents = contents;
}

void MainWindow::fillLayoutMenu(QMenu *menu)
{
    menu->clear();
    QSettings settings;
    settings.beginGroup(QStringLiteral("layouts"));
    const QStringList names = settings.childKeys();
    for (const QString &name : names) {
        const QByteArray state = settings.value(name).toByteArray();
        menu->addAction(QString(name).replace(QLatin1Char('&'), QStringLiteral("&&")), this,
            [this, state, name] {
                if (!m_session)
                    return;
                // Refused when the set of views has changed since.
                const bool isRestored = m_dockHost->restoreState(state, kLayoutVersion);
                if (!isRestored)
                    defaultLayout();
                // What its workspace had no rows of was not closed by hand.
                m_shownContents = QSettings().value(QStringLiteral("layoutContents/") + name).toStringList();
                showViewsWithData(!isRestored);
            });
    }
    if (!names.isEmpty())
        menu->addSeparator();
    menu->addAction(tr("&Save Layout As…"), this, [this] {
        bool isChosen = false;
        const QString name = QInputDialog::getText(this, tr("Save Layout"), tr("Name of the layout:"),
            QLineEdit::Normal, {}, &isChosen)
                                 .simplified()
                                 .remove(QLatin1Char('/'));
        if (isChosen && !name.isEmpty()) {
            QSettings().setValue(QStringLiteral("layouts/") + name, m_dockHost->saveState(kLayoutVersion));
            QSettings().setValue(QStringLiteral("layoutContents/") + name, m_shownContents);
        }
    });
    QMenu *remove = menu->addMenu(tr("&Remove"));
    remove->setEnabled(!names.isEmpty());
    for (const QString &name : names) {
        remove->addAction(QString(name).replace(QLatin1Char('&'), QStringLiteral("&&")), this, [name] {
            QSettings().remove(QStringLiteral("layouts/") + name);
            QSettings().remove(QStringLiteral("layoutContents/") + name);
        });
    }
    menu->addSeparator();
    menu->addAction(tr("&Default Layout"), this, [this] {
        if (m_session) {
            defaultLayout();
            showViewsWithData(true);
        }
    });
}

} // namespace tailscope::app
