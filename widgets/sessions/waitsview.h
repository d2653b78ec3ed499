// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/view.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QStackedWidget;

namespace tailscope::items {
class WaitModel;
}

namespace tailscope::widgets {

class Banner;
class CellTableView;
class ElidedLabel;
class EmptyState;
class PlotView;

/// What the active sessions wait for, on average, over the window that playback shows or the shared range:
/// a stacked chart by wait, statement, application, user or database, the same as a table, and the statements
/// of the chosen wait. Dragging narrows the shared range, a double click shows the window again.
class WaitsView : public View
{
    Q_OBJECT
public:
    explicit WaitsView(session::Session *session, QWidget *parent = nullptr);

    QString showSql() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;
    bool isReady() const override;

    items::WaitModel *model() const { return m_model; }
    PlotView *plot() const { return m_plot; }
    CellTableView *partTable() const { return m_parts; }
    CellTableView *statementTable() const { return m_statements; }
    QComboBox *groupBox() const { return m_group; }
    QComboBox *originBox() const { return m_origin; }
    QString noteText() const;

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    QWidget *buildBar();
    void buildLayout();
    void connectAll();
    void refresh();
    void showEmpty();
    void showPlot();
    void choosePart(qint64 id);
    void openStatement();

    items::WaitModel *m_model;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    Banner *m_banner;
    QComboBox *m_group, *m_origin;
    QCheckBox *m_background;
    ElidedLabel *m_note;
    PlotView *m_plot;
    CellTableView *m_parts, *m_statements;
    QLabel *m_statementTitle;
    bool m_filling = false;
};

} // namespace tailscope::widgets
