// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QIcon>
#include <QJsonObject>
#include <QString>
#include <QWidget>

#include <functional>

namespace tailscope::session {
class Session;
class SessionContext;
} // namespace tailscope::session

namespace tailscope::widgets {

class View;

/// One row of the view registry (app/viewregistry.cpp): everything the window, the palette and `render` need.
struct ViewDescriptor
{
    QString id; ///< stable: "flame"
    QString title; ///< title case, translated
    QString iconName; ///< resource icon without folder: "flame"
    QString shortcut; ///< portable text: "Ctrl+2"
    QString help; ///< one paragraph: what it shows, its definitions and formula
    enum class Area { Center, Left, Right, Bottom } area = Area::Center;
    std::function<View *(session::Session *, QWidget *parent)> create;
};

/// A view of the open workspace: a widget that reads the shared SessionContext and never talks to other
/// views. Every view has an accessible name, works by keyboard alone, shows an empty state that says what to
/// do, follows the palette (light, dark) and can say how its content is asked for in SQL and on the command
/// line.
class View : public QWidget
{
    Q_OBJECT
public:
    View(session::Session *session, QWidget *parent);

    session::Session *session() const { return m_session; }
    session::SessionContext *context() const;

    /// The query behind the picture, against the public schema, runnable as it is ('Show SQL').
    virtual QString showSql() const = 0;
    /// The same as a shell command ('Copy as Command Line'); the default renders this view in its present
    /// state.
    virtual QString commandLine() const;
    /// Own settings of the view (mode, sort, pinned tracks...), kept in the workspace.
    virtual QJsonObject saveState() const { return {}; }
    virtual void restoreState(const QJsonObject &) {}
    /// False while jobs of the view or data it waits for are running; `render` waits for true.
    virtual bool isReady() const { return true; }
    /// Paints the view into a PNG or SVG (by the ending) at its current size. Returns an error text or
    /// nothing.
    QString exportPicture(const QString &path);
    /// Extra entries for the view's menu (mode switches...), owned by the view.
    virtual QList<QAction *> viewActions() const { return {}; }
    /// Takes a query from another view (only the console does).
    virtual void setSql(const QString &) {}
    /// Focus the search field, when the view has one (Ctrl+F).
    virtual void startSearch() {}
    /// Step zoom in the middle of the view, when it zooms.
    virtual void zoomBy(double /*factor*/) {}
    void setViewId(const QString &id) { m_viewId = id; }
    QString viewId() const { return m_viewId; }

Q_SIGNALS:
    void readyChanged();
    void statusText(const QString &text); ///< one line for the status bar (hover, selection sums)
    void openViewRequested(const QString &viewId); ///< a link: the window raises that view
    void sqlRequested(const QString &sql); ///< open the console with this text
    /// Something only the window can do: "open", "paste", "open-path" PATH, "sample" ID.
    void commandRequested(const QString &command, const QString &argument);

private:
    session::Session *m_session;
    QString m_viewId;
};

} // namespace tailscope::widgets
