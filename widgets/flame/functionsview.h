// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/functiontable.h"
#include "items/sandwich.h"
#include "widgets/base/view.h"

#include <QJsonObject>

class QLabel;
class QLineEdit;
class QSortFilterProxyModel;
class QSplitter;
class QStackedWidget;
class QTreeView;

namespace tailscope::widgets {

class ElidedLabel;
class EmptyState;
class FlameCanvas;
class FlameSource;
class FlameTreeScene;

/// The functions of a profile or the operations of the spans as a list, and the chosen one as a sandwich:
/// who calls it above, what it calls below.
class FunctionsView : public View
{
    Q_OBJECT
public:
    explicit FunctionsView(session::Session *session, QWidget *parent = nullptr);
    ~FunctionsView() override;

    QString showSql() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;
    bool isReady() const override;
    void startSearch() override;

    QTreeView *list() const { return m_list; }
    FlameCanvas *callers() const { return m_callers; }
    FlameCanvas *callees() const { return m_callees; }
    /// Makes a function current, when it is in the list. An empty group fits every module.
    bool showFunction(const QString &name, const QString &group = {});

protected:
    bool event(QEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    QWidget *buildSandwich();
    void connectAll();
    void tableFilled();
    void followSelection();
    void currentChanged();
    void showSandwich();
    void openMenu(FlameCanvas *canvas, const QPoint &globalPosition);
    void openListMenu(const QPoint &globalPosition);
    void openSource(int row);
    void copySelected();
    void updateState();
    int currentRow() const; ///< of the table; -1 = none

    items::FlameModel *m_model;
    items::FunctionTable *m_table;
    items::Sandwich *m_sandwich;
    QSortFilterProxyModel *m_sorted;
    FlameSource *m_source;
    QLineEdit *m_filter;
    ElidedLabel *m_note, *m_details;
    QTreeView *m_list;
    QLabel *m_callersTitle, *m_calleesTitle;
    FlameCanvas *m_callers, *m_callees;
    QStackedWidget *m_stack;
    QSplitter *m_splitter;
    EmptyState *m_empty;
    std::shared_ptr<FlameTreeScene> m_callersScene, m_calleesScene;
    QString m_wanted; ///< function to show when the list is there
    bool m_wasReady = false;
};

} // namespace tailscope::widgets
