// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/servicemaplayout.h"
#include "widgets/base/canvasaccessible.h"

#include <QRegularExpression>
#include <QWidget>

#include <memory>
#include <optional>
#include <vector>

namespace tailscope::widgets {

class Theme;

/// The painted map: boxes of services, lines of calls, wide by their number and coloured by their errors.
/// Wheel zooms, dragging pans. Keys: Left and Right go to the busiest caller and callee, Up and Down walk a
/// column, Shift with them pans, + and - zoom, Home shows all, Enter narrows, Ctrl+Enter opens the traces.
class ServiceMapCanvas : public QWidget, public AccessibleCanvas
{
    Q_OBJECT
public:
    /// A node or an edge; -1 = none.
    struct Item
    {
        int node = -1, edge = -1;
        bool isNone() const { return node < 0 && edge < 0; }
        friend bool operator==(const Item &, const Item &) = default;
    };
    using Map = std::shared_ptr<const analysis::ServiceMap>;

    explicit ServiceMapCanvas(QWidget *parent = nullptr);

    /// Shows the whole map anew when its nodes are others than before.
    void setMap(Map map, const items::ServiceMapShown &shown);
    const items::ServiceMapLayout &mapLayout() const { return m_layout; }
    double scale() const { return m_scale; }
    void zoomBy(double factor, std::optional<QPointF> around = std::nullopt);
    void showAll(bool readable = false); ///< readable: not so small that names cannot be read
    void setSearch(const QRegularExpression &pattern); ///< empty = nothing is marked
    int matches() const;
    void showMatch(int step); ///< moves the focus to the next match
    Item current() const { return m_current; }
    void setCurrent(const Item &item, bool reveal);
    QRectF nodeRect(int node) const; ///< on the widget
    QPointF edgeMiddle(int edge) const; ///< on the widget
    QString toolTipAt(const QPoint &position) const;
    QString accessibleValue() const override;
    QSize sizeHint() const override { return {900, 480}; }
    QSize minimumSizeHint() const override { return {240, 140}; }

Q_SIGNALS:
    void currentChanged();
    void narrowRequested(int node); ///< click or Enter
    void openRequested(int node); ///< double click or Ctrl+Enter
    void edgeOpenRequested(int edge);
    void menuRequested(const QPoint &globalPosition);
    void hoverText(const QString &line);

protected:
    bool event(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void leaveEvent(QEvent *event) override;

private:
    struct Label
    {
        QRectF rect;
        QStringList lines;
    };
    QPointF toWidget(const QPointF &place) const { return (place - m_origin) * m_scale; }
    Item itemAt(const QPointF &position) const;
    QPolygonF linePoints(int edge) const; ///< on the widget, for hit tests
    class QPainterPath linePath(int edge) const;
    double lineWidth(const analysis::ServiceEdge &edge) const;
    bool isNear(const Item &item, int edge) const; ///< the edge touches the item
    void paintLine(QPainter &painter, const Theme &theme, int edge) const;
    void paintLabels(QPainter &painter, const Theme &theme) const;
    std::optional<Label> labelOf(int edge, const QFontMetrics &metrics, bool force) const;
    void paintNode(QPainter &painter, const Theme &theme, int node) const;
    void reveal(const Item &item);
    void step(int key);
    int neighbour(int node, bool callee) const;
    int stepInColumn(int node, int direction) const;
    void panBy(const QPointF &pixels);

    Map m_map;
    items::ServiceMapShown m_shown;
    items::ServiceMapLayout m_layout;
    std::vector<std::string> m_names; ///< nodes that are shown, to tell whether they changed
    double m_scale = 1, m_mostWeight = 0;
    QPointF m_origin; ///< place at the top left corner
    bool m_wantsAll = true; ///< until the user zooms or pans
    Item m_current, m_hover, m_pressed;
    std::optional<QPointF> m_dragFrom;
    bool m_dragged = false;
    std::vector<bool> m_match;
};

} // namespace tailscope::widgets
