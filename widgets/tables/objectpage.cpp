// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/tables/objectpage.h"

#include "widgets/base/celltableview.h"
#include "widgets/base/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QVBoxLayout>

namespace tailscope::widgets {

CopyButtons::CopyButtons(QWidget *parent)
    : QWidget(parent)
    , m_layout(new QHBoxLayout(this))
{
    m_layout->setContentsMargins(8, 4, 8, 4);
}

void CopyButtons::setTexts(const QVector<items::CopyText> &texts)
{
    if (texts == m_texts)
        return;
    m_texts = texts;
    while (QLayoutItem *item = m_layout->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (const items::CopyText &text : texts) {
        auto *button
            = new QPushButton(themedIcon(QStringLiteral("copy")), tr("Copy %1").arg(text.first), this);
        button->setAutoDefault(false);
        button->setToolTip(text.second);
        button->setAccessibleDescription(text.second);
        connect(button, &QPushButton::clicked, this, [this, sql = text.second] {
            QApplication::clipboard()->setText(sql);
            Q_EMIT copied(sql);
        });
        m_layout->addWidget(button);
    }
    m_layout->addStretch(1);
    setVisible(!texts.isEmpty());
}

namespace {

/// What a row is about, not where it stands: tables of two databases of a server may have one name, the
/// tooltip tells them apart.
QString keyOf(const QModelIndex &index)
{
    const QModelIndex first = index.siblingAtColumn(0);
    return first.isValid()
        ? first.data().toString() + QLatin1Char('\n') + first.data(Qt::ToolTipRole).toString()
        : QString();
}

} // namespace

void keepRow(CellTableView *table, const QString &key)
{
    const int place = table->verticalScrollBar()->value();
    const QAbstractItemModel *model = table->model();
    for (int row = 0; row < model->rowCount(); ++row) {
        if (keyOf(model->index(row, 0)) != key)
            continue;
        table->selectRow(row);
        break;
    }
    table->verticalScrollBar()->setValue(place);
}

ObjectPage::ObjectPage(items::ObjectsModel *model, items::ObjectsModel::Page page, items::CellTable *table,
    const QString &name, QWidget *parent)
    : QSplitter(Qt::Vertical, parent)
    , m_model(model)
    , m_page(page)
    , m_table(new CellTableView(table, name, this))
    , m_details(new QPlainTextEdit(this))
    , m_buttons(new CopyButtons(this))
{
    m_details->setReadOnly(true);
    m_details->setTabChangesFocus(true);
    m_details->setFrameShape(QFrame::NoFrame);
    m_details->setAccessibleName(tr("What is known of the chosen row"));
    m_details->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    auto *below = new QWidget(this);
    auto *layout = new QVBoxLayout(below);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_details, 1);
    layout->addWidget(m_buttons);
    addWidget(m_table);
    addWidget(below);
    setStretchFactor(0, 4);
    setStretchFactor(1, 1);
    setChildrenCollapsible(false);
    setFocusProxy(m_table);
    connect(m_buttons, &CopyButtons::copied, this, &ObjectPage::copied);
    connect(m_table, &CellTableView::currentIdChanged, this, [this](qint64 id) {
        if (m_filling)
            return;
        m_chosen = keyOf(m_table->currentIndex());
        showDetails();
        if (id >= 0)
            Q_EMIT chosen(id);
    });
    showDetails();
}

QString ObjectPage::detailsText() const { return m_details->toPlainText(); }

void ObjectPage::refresh()
{
    m_filling = true;
    if (m_chosen.isEmpty() && m_table->model()->rowCount() > 0)
        m_chosen = keyOf(m_table->model()->index(0, 0));
    keepRow(m_table, m_chosen);
    m_filling = false;
    showDetails();
}

void ObjectPage::select(qint64 id)
{
    m_filling = true;
    m_table->selectId(id);
    m_filling = false;
    m_chosen = keyOf(m_table->currentIndex());
    showDetails();
}

void ObjectPage::showDetails()
{
    const qint64 id = m_table->currentId();
    const QString text = m_model->details(m_page, id);
    if (m_details->toPlainText() != text)
        m_details->setPlainText(text);
    m_buttons->setTexts(m_model->copies(m_page, id));
}

} // namespace tailscope::widgets
