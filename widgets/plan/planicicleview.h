// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/planicicle.h"
#include "widgets/base/canvasaccessible.h"
#include "widgets/plan/planpage.h"

#include <optional>

class QComboBox;
class QLabel;

namespace tailscope::widgets {

class Theme;

/// The plan as an icicle: the root at the top, a node as wide as its subtree took. Wheel zooms, Shift+wheel
/// scrolls, drag pans, Enter or a double click makes a node fill the width, 0 shows all; arrows go to parent,
/// widest child and neighbours.
class PlanIcicleCanvas : public QWidget, public AccessibleCanvas
{
    Q_OBJECT
public:
    explicit PlanIcicleCanvas(const items::PlanModel *model, QWidget *parent = nullptr);

    void showPlan();
    void setWeight(items::PlanIcicle::Weight weight);
    const items::PlanIcicle &icicle() const { return m_icicle; }
    int current() const { return m_current; }
    void setCurrent(int node, bool reveal);
    void zoomTo(int node); ///< -1 = everything
    void zoomBy(double factor, std::optional<double> aroundPixel = std::nullopt);
    QRectF nodeRect(int node) const; ///< on the widget
    QString toolTipAt(const QPoint &position) const;
    QString accessibleValue() const override;
    QSize sizeHint() const override { return {800, 400}; }
    QSize minimumSizeHint() const override { return {200, 120}; }

Q_SIGNALS:
    void nodeChosen(int node);
    void menuRequested(const QPoint &globalPosition, int node);
    void hoverText(const QString &line);

protected:
    bool event(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void leaveEvent(QEvent *event) override;

private:
    int nodeAt(const QPointF &position) const;
    void pan(const QPointF &pixels);
    void clampView();
    QString summary(int node) const;
    QString label(int node) const;
    void paintNode(QPainter &painter, const Theme &theme, int node, const QRectF &box) const;

    const items::PlanModel *m_model;
    items::PlanIcicle m_icicle;
    items::PlanIcicle::Weight m_weight = items::PlanIcicle::Weight::Time;
    double m_from = 0, m_to = 1; ///< shares of the whole that fill the width
    double m_top = 0; ///< pixels scrolled down
    int m_current = -1, m_hover = -1, m_pressed = -1;
    std::optional<QPointF> m_dragFrom;
    bool m_dragged = false;
};

/// The icicle with the choice of its weight.
class PlanIciclePage : public PlanPage
{
    Q_OBJECT
public:
    PlanIciclePage(items::PlanModel *model, QWidget *parent);
    void showPlan() override;
    void showNode(int node) override;
    QWidget *focusTarget() override;
    PlanIcicleCanvas *canvas() const { return m_canvas; }
    int weight() const;
    void setWeight(int weight);

private:
    void showNote();

    QComboBox *m_weight;
    QLabel *m_note;
    PlanIcicleCanvas *m_canvas;
};

} // namespace tailscope::widgets
