// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/seriesmodel.h"
#include "widgets/base/view.h"

class QComboBox;
class QLineEdit;
class QStackedWidget;
class QTableView;
class QTabWidget;
class QTreeView;

namespace tailscope::widgets {

class ElidedLabel;
class EmptyState;
class SeriesCanvas;
class SeriesFoldCanvas;

/// Every imported series: searched in a list, drawn as lanes on one time axis with the markers, and
/// explained: ceilings, steps, usual hours, what moved at a moment.
class SeriesView : public View
{
    Q_OBJECT
public:
    SeriesView(session::Session *session, QWidget *parent);
    QString showSql() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;
    bool isReady() const override;
    void startSearch() override;
    void zoomBy(double factor) override;

    items::SeriesModel *model() const { return m_model; }
    QTreeView *list() const { return m_list; }
    SeriesCanvas *canvas() const { return m_canvas; }
    QTabWidget *tabs() const { return m_tabs; }
    QTableView *foundTable() const { return m_found; }
    QTableView *movedTable() const { return m_moved; }
    QComboBox *measureBox() const { return m_measure; }
    QComboBox *combineBox() const { return m_combine; }
    QLineEdit *searchField() const { return m_search; }
    void whatMoved(Nanos onset);

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void buildLayout();
    QWidget *buildBar();
    QWidget *buildLower();
    void setUpTable(QTableView *table, QAbstractItemModel *model, const QString &name);
    void connectAll();
    void refresh();
    void chooseFirst();
    void fillCombine();
    void applySelection();
    void showIds(const QVector<qint64> &ids);
    void pickRow(QTableView *table, const QModelIndex &index);
    void showMenu(const QPoint &global);
    void showTableMenu(QTableView *table, const QPoint &position);
    void updateNote();
    QVector<qint64> currentIds() const;

    items::SeriesModel *m_model;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    QLineEdit *m_search;
    QComboBox *m_measure, *m_combine;
    ElidedLabel *m_note, *m_readout, *m_movedNote;
    QTreeView *m_list;
    SeriesCanvas *m_canvas;
    SeriesFoldCanvas *m_fold;
    QTabWidget *m_tabs;
    QTableView *m_found, *m_moved;
    QVector<qint64> m_wanted; ///< of a stored state, until the list is there
    bool m_isFilling = false, m_hasChosen = false;
};

} // namespace tailscope::widgets
