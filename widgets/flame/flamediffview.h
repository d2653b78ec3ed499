// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/flamediffmodel.h"
#include "widgets/base/view.h"

#include <QJsonObject>

class QBoxLayout;
class QComboBox;
class QSortFilterProxyModel;
class QStackedWidget;
class QTreeView;

namespace tailscope::widgets {

class Banner;
class ElidedLabel;
class EmptyState;
class FlameCanvas;
class FlameDiffScene;

/// What changed between two profiles, or between the spans of the baseline and the present selection: a flame
/// graph of both, coloured by change, and a table of functions. Says what speaks against the comparison.
class FlameDiffView : public View
{
    Q_OBJECT
public:
    explicit FlameDiffView(session::Session *session, QWidget *parent = nullptr);
    ~FlameDiffView() override;

    QString showSql() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;
    bool isReady() const override;
    void zoomBy(double factor) override;

    FlameCanvas *canvas() const { return m_canvas; }
    QTreeView *table() const { return m_table; }
    items::FlameDiffModel *model() const { return m_model; }

protected:
    bool event(QEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void buildToolBar(QBoxLayout *layout);
    void buildTable();
    void connectAll();
    void fillSides();
    void chooseSide(bool isBefore);
    void setSides(std::optional<qint64> before, std::optional<qint64> after);
    void suggestScale();
    void showDifference();
    void updateState();
    void updateDoubts();
    void updateEmptyState();
    void updateDetails();
    void markFunction(const QModelIndex &index);
    void openMenu(const QPoint &globalPosition);
    void copySelected();
    QString doubtText(analysis::DiffDoubt doubt) const;
    bool isOfSelf() const;

    items::FlameDiffModel *m_model;
    items::FlameDiffTable *m_rows;
    QSortFilterProxyModel *m_sorted;
    QComboBox *m_before, *m_after, *m_scale, *m_mode;
    ElidedLabel *m_note, *m_details;
    Banner *m_banner;
    QStackedWidget *m_stack;
    QWidget *m_content;
    FlameCanvas *m_canvas;
    QTreeView *m_table;
    EmptyState *m_empty;
    std::shared_ptr<FlameDiffScene> m_scene;
    QJsonObject m_wanted; ///< stored state, until the profiles are known
    QString m_marked; ///< function whose frames are marked
    bool m_isChosen = false; ///< sides chosen by the user
    bool m_wasReady = false;
};

} // namespace tailscope::widgets
