// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/overview/linktable.h"

#include "widgets/base/bardelegate.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QMouseEvent>

#include <algorithm>

namespace tailscope::widgets {

namespace {

class Row final : public QTreeWidgetItem
{
public:
    using QTreeWidgetItem::QTreeWidgetItem;
    bool operator<(const QTreeWidgetItem &other) const override
    {
        const int column = treeWidget() ? treeWidget()->sortColumn() : 0;
        const QVariant a = data(column, LinkTable::ValueRole);
        const QVariant b = other.data(column, LinkTable::ValueRole);
        return a.isValid() && b.isValid() ? a.toDouble() < b.toDouble() : text(column) < other.text(column);
    }
};

class LinkDelegate final : public BarDelegate
{
public:
    explicit LinkDelegate(LinkTable *table)
        : BarDelegate(LinkTable::BarRole, LinkTable::LevelRole, table)
        , m_table(table)
    {}

protected:
    void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override
    {
        BarDelegate::initStyleOption(option, index);
        if (!m_table->isLit(index))
            return;
        option->font.setUnderline(true);
        option->palette.setColor(QPalette::Text, option->palette.color(QPalette::Link));
    }

private:
    LinkTable *m_table;
};

QString linkOf(const QModelIndex &index) { return index.data(LinkTable::LinkRole).toString(); }

} // namespace

LinkTable::LinkTable(QWidget *parent)
    : QTreeWidget(parent)
{
    setRootIsDecorated(false);
    setUniformRowHeights(true);
    setAlternatingRowColors(true);
    setMouseTracking(true);
    setItemDelegate(new LinkDelegate(this));
    header()->setStretchLastSection(false);
    header()->setSectionsMovable(false);
    connect(this, &QTreeWidget::itemClicked, this, [this](QTreeWidgetItem *item, int column) {
        if (const QString link = item->data(column, LinkRole).toString(); !link.isEmpty())
            Q_EMIT linkActivated(item, link);
    });
    // By Enter; a double click on a link has followed it with its first click.
    connect(this, &QTreeWidget::itemActivated, this, [this](QTreeWidgetItem *item, int column) {
        if (item->data(column, LinkRole).toString().isEmpty())
            Q_EMIT rowActivated(item);
    });
}

QTreeWidgetItem *LinkTable::addRow() { return new Row(this); }

void LinkTable::setFigure(QTreeWidgetItem *item, int column, const QString &text, double value,
    const QString &tip)
{
    item->setText(column, text);
    item->setData(column, ValueRole, value);
    item->setTextAlignment(column, Qt::AlignRight | Qt::AlignVCenter);
    item->setToolTip(column, tip);
}

void LinkTable::setLink(QTreeWidgetItem *item, int column, const QString &link, const QString &tip)
{
    item->setData(column, LinkRole, link);
    const QString known = item->toolTip(column);
    item->setToolTip(column, known.isEmpty() ? tip : known + QLatin1Char('\n') + tip);
}

bool LinkTable::isLit(const QModelIndex &index) const
{
    return (index == m_hovered || (index == currentIndex() && hasFocus())) && !linkOf(index).isEmpty();
}

void LinkTable::keyPressEvent(QKeyEvent *event)
{
    const QModelIndex current = currentIndex();
    const bool isEnter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (isEnter && current.isValid() && !linkOf(current).isEmpty()) {
        Q_EMIT linkActivated(itemFromIndex(current), linkOf(current));
        return;
    }
    const bool isSideways = event->key() == Qt::Key_Left || event->key() == Qt::Key_Right;
    if (isSideways && current.isValid() && event->modifiers() == Qt::NoModifier) {
        const int step = event->key() == Qt::Key_Right ? 1 : -1;
        const int column = std::clamp(current.column() + step, 0, columnCount() - 1);
        setCurrentItem(itemFromIndex(current), column);
        return;
    }
    QTreeWidget::keyPressEvent(event);
}

void LinkTable::mouseMoveEvent(QMouseEvent *event)
{
    QTreeWidget::mouseMoveEvent(event);
    setHovered(indexAt(event->position().toPoint()));
}

void LinkTable::leaveEvent(QEvent *event)
{
    QTreeWidget::leaveEvent(event);
    setHovered({});
}

void LinkTable::setHovered(const QModelIndex &index)
{
    if (m_hovered == index)
        return;
    m_hovered = index;
    if (index.isValid() && !linkOf(index).isEmpty())
        viewport()->setCursor(Qt::PointingHandCursor);
    else
        viewport()->unsetCursor();
    viewport()->update();
}

} // namespace tailscope::widgets
