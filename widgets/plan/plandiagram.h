// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/planboxes.h"
#include "items/planlayout.h"
#include "widgets/base/canvasaccessible.h"

#include <QPixmap>
#include <QWidget>

#include <optional>
#include <unordered_map>
#include <vector>

namespace tailscope::items {
class PlanModel;
}

namespace tailscope::widgets {

class Theme;

/// The plan as a painted tree of boxes, root at the top. Draws only what is visible, with less detail when
/// small. Drag or Shift+arrows pan, wheel and + - zoom, 0 shows all, F the chosen node. Arrows go to parent,
/// first child and neighbours; Space folds the subtree of the chosen node, Shift+Space unfolds all.
class PlanDiagram : public QWidget, public AccessibleCanvas
{
    Q_OBJECT
public:
    explicit PlanDiagram(const items::PlanModel *model, QWidget *parent = nullptr);

    void showPlan(); ///< the model holds another plan
    int current() const { return m_current; }
    void setCurrent(int node, bool reveal);
    items::PlanColouring colouring() const { return m_colouring; }
    void setColouring(items::PlanColouring colouring);
    const items::PlanLayout &planLayout() const { return m_layout; }
    double scale() const { return m_scale; }
    void zoomBy(double factor, std::optional<QPointF> around = std::nullopt);
    void fitAll();
    void fitCurrent();
    bool isFolded(int node) const;
    void toggleFold(int node);
    void unfoldAll();
    QRectF boxOnWidget(int node) const;
    QRectF miniMap() const; ///< null when all is visible
    QString toolTipAt(const QPoint &position) const;
    /// The whole diagram, not only what is visible. Returns an error text or nothing.
    QString exportPicture(const QString &path);
    QString accessibleValue() const override;
    QSize sizeHint() const override { return {800, 500}; }
    QSize minimumSizeHint() const override { return {200, 140}; }
    /// Colour of a value of planColourValues(); grey for NaN.
    static QColor colourOf(double value, items::PlanColouring colouring, const Theme &theme);

Q_SIGNALS:
    void nodeChosen(int node);
    void menuRequested(const QPoint &globalPosition, int node);
    void hoverText(const QString &line);

protected:
    bool event(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void changeEvent(QEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void leaveEvent(QEvent *event) override;

private:
    struct Elided
    {
        QString title, object, time, share, rows;
        std::vector<std::pair<items::PlanBadge, double>> badges; ///< with their widths
    };
    void rebuild();
    QPointF toScene(const QPointF &place) const { return m_origin + place / m_scale; }
    QRectF visibleScene() const;
    void clampOrigin();
    void panBy(const QPointF &pixels);
    void reveal(int node);
    void showReadable();
    void step(int key);
    int nodeAt(const QPointF &position) const;
    QRectF foldChip(int node) const; ///< in the scene
    const Elided &elided(int node);

    void paintScene(QPainter &painter, const Theme &theme, const QRectF &area, double scale);
    void paintEdges(QPainter &painter, const Theme &theme, const QRectF &area, double scale);
    void paintEdge(QPainter &painter, const Theme &theme, int child, double scale) const;
    void paintSmall(QPainter &painter, const Theme &theme, const QRectF &area, double scale);
    void paintBox(QPainter &painter, const Theme &theme, int node, double scale);
    void paintLines(QPainter &painter, const Theme &theme, int node, const QRectF &box);
    void paintBadges(QPainter &painter, const Theme &theme, const Elided &texts, const QRectF &box) const;
    void paintChip(QPainter &painter, const Theme &theme, int node) const;
    void paintMiniMap(QPainter &painter, const Theme &theme);
    void goToMiniMap(const QPointF &position);

    const items::PlanModel *m_model;
    items::PlanLayout m_layout;
    std::vector<bool> m_folded;
    std::vector<int> m_below; ///< nodes of each subtree
    std::vector<double> m_values; ///< of the colouring
    std::unordered_map<int, Elided> m_elided;
    QPixmap m_mini;
    items::PlanColouring m_colouring = items::PlanColouring::SelfTime;
    double m_scale = 1;
    QPointF m_origin; ///< place at the top left corner
    bool m_wantsAll = true; ///< until the user zooms or pans
    bool m_isShownOnce = false;
    bool m_isPlaced = false; ///< by a size that is on the screen
    int m_current = -1, m_hover = -1, m_pressed = -1;
    std::optional<QPointF> m_dragFrom;
    bool m_dragged = false, m_onMiniMap = false;
};

} // namespace tailscope::widgets
