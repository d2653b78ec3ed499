// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/details/detailsview.h"

#include "items/detailsmodel.h"
#include "widgets/base/emptystate.h"

#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QStackedWidget>
#include <QTreeView>
#include <QVBoxLayout>

namespace tailscope::widgets {

DetailsView::DetailsView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new items::DetailsModel(session, this))
    , m_title(new QLabel(this))
    , m_tree(new QTreeView(this))
    , m_stack(new QStackedWidget(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_stack);
    auto *content = new QWidget(this);
    auto *inner = new QVBoxLayout(content);
    inner->setContentsMargins(0, 0, 0, 0);
    inner->setSpacing(0);
    m_title->setMargin(6);
    m_title->setWordWrap(true);
    m_title->setTextInteractionFlags(Qt::TextSelectableByMouse);
    QFont bold = m_title->font();
    bold.setBold(true);
    m_title->setFont(bold);
    inner->addWidget(m_title);
    inner->addWidget(m_tree);
    auto *empty = new EmptyState(this);
    empty->setContent(QStringLiteral("info"), tr("Nothing Selected"),
        tr("Click a span, a frame, a plan node or a source to see everything known about it."));
    m_stack->addWidget(empty);
    m_stack->addWidget(content);
    m_tree->setModel(m_model);
    m_tree->setAlternatingRowColors(true);
    m_tree->setFrameShape(QFrame::NoFrame);
    m_tree->setAccessibleName(tr("Details"));
    m_tree->setContextMenuPolicy(Qt::CustomContextMenu);
    m_tree->setTextElideMode(Qt::ElideRight);
    m_tree->setIndentation(12);
    connect(m_tree, &QTreeView::customContextMenuRequested, this, &DetailsView::showMenu);
    connect(m_model, &items::DetailsModel::loaded, this, &DetailsView::refresh);
    setFocusProxy(m_tree);
    refresh();
}

QString DetailsView::showSql() const { return m_model->sql(); }

bool DetailsView::isReady() const { return !m_model->isRunning(); }

void DetailsView::refresh()
{
    m_stack->setCurrentIndex(m_model->rowCount() > 0 ? 1 : 0);
    m_title->setText(m_model->title());
    for (int row = 0; row < m_model->rowCount(); ++row)
        m_tree->setFirstColumnSpanned(row, {}, true);
    m_tree->expandAll();
    m_tree->resizeColumnToContents(0);
    if (m_tree->columnWidth(0) > width() / 2)
        m_tree->setColumnWidth(0, qMax(80, width() / 2));
    Q_EMIT readyChanged();
}

void DetailsView::showMenu(const QPoint &position)
{
    const QModelIndex index = m_tree->indexAt(position);
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const auto copy
        = [](const QString &text) { return [text] { QApplication::clipboard()->setText(text); }; };
    if (index.isValid() && index.parent().isValid()) {
        const QString name = index.siblingAtColumn(0).data().toString();
        const QString exact = index.data(Qt::UserRole).toString();
        menu->addAction(tr("Copy Value"), copy(exact));
        menu->addAction(tr("Copy Name and Value"), copy(name + QLatin1Char('\t') + exact));
    }
    menu->addAction(tr("Copy All"), copy(m_model->toText()));
    menu->addAction(tr("Show SQL"), this, [this] { Q_EMIT sqlRequested(showSql()); });
    menu->popup(m_tree->viewport()->mapToGlobal(position));
}

} // namespace tailscope::widgets
