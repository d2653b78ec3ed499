// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/recordings/recordingsview.h"

#include "widgets/base/celltableview.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/emptystate.h"

#include <QComboBox>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QShortcut>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QTabWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace tailscope::widgets {

using items::RecordingsModel;

RecordingsView::RecordingsView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new RecordingsModel(session, this))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(this))
    , m_boxes{new QComboBox(this), new QComboBox(this)}
    , m_rangeButtons{new QPushButton(tr("Chosen Range as &A"), this),
          new QPushButton(tr("Chosen Range as &B"), this)}
    , m_swap(new QPushButton(tr("S&wap"), this))
    , m_search(new QLineEdit(this))
    , m_note(new ElidedLabel(this))
    , m_pages(new QTabWidget(this))
{
    setAccessibleName(tr("Compare Recordings"));
    buildLayout();
    connectAll();
    setFocusProxy(m_tables[RecordingsModel::Statements]);
    refresh();
}

void RecordingsView::buildLayout()
{
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(8, 4, 8, 4);
    bar->setSpacing(8);
    const QString names[]{tr("A, before:"), tr("B, after:")};
    const QString sayings[]{tr("Recording before the change"), tr("Recording after the change")};
    for (std::size_t side = 0; side < 2; ++side) {
        auto *label = new QLabel(names[side], this);
        label->setBuddy(m_boxes[side]);
        m_boxes[side]->setAccessibleName(sayings[side]);
        m_boxes[side]->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        m_boxes[side]->setMinimumContentsLength(16);
        m_rangeButtons[side]->setToolTip(
            tr("Takes the range that is chosen in the window, of the recording beside it"));
        m_rangeButtons[side]->setAutoDefault(false);
        bar->addWidget(label);
        bar->addWidget(m_boxes[side]);
        bar->addWidget(m_rangeButtons[side]);
    }
    m_swap->setAutoDefault(false);
    m_swap->setToolTip(tr("A becomes B and B becomes A"));
    m_search->setPlaceholderText(tr("Search"));
    m_search->setAccessibleName(tr("Search the rows of all pages"));
    m_search->setClearButtonEnabled(true);
    bar->addWidget(m_swap);
    bar->addWidget(m_search, 1);
    m_note->setContentsMargins(8, 0, 8, 4);
    const QString titles[]{tr("Figures"), tr("Statements"), tr("Waits"), tr("Tables"), tr("Settings")};
    const QString tables[]{tr("Figures of both sides"), tr("Statements by the time they gained or lost"),
        tr("Waits of both sides"), tr("Tables of both sides"), tr("Settings that differ")};
    m_pages->setDocumentMode(true);
    m_pages->setAccessibleName(tr("Pages"));
    for (int page = 0; page < RecordingsModel::PageCount; ++page) {
        const auto at = std::size_t(page);
        m_tables[at] = new CellTableView(m_model->table(RecordingsModel::Page(page)), tables[at], this);
        m_pages->addTab(m_tables[at], titles[at]);
        m_pages->setTabToolTip(page, tr("Key %1").arg(page + 1));
        connect(new QShortcut(QKeySequence(Qt::Key_1 + page), this, nullptr, nullptr,
                    Qt::WidgetWithChildrenShortcut),
            &QShortcut::activated, this, [this, page] { m_pages->setCurrentIndex(page); });
    }
    m_pages->setCurrentIndex(RecordingsModel::Statements);
    auto *content = new QWidget(this);
    auto *contentLayout = new QVBoxLayout(content);
    contentLayout->setContentsMargins(0, 0, 0, 0);
    contentLayout->setSpacing(0);
    contentLayout->addLayout(bar);
    contentLayout->addWidget(m_note);
    contentLayout->addWidget(m_pages, 1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(content);
    layout->addWidget(m_stack);
}

void RecordingsView::connectAll()
{
    connect(m_model, &RecordingsModel::changed, this, &RecordingsView::refresh);
    connect(m_model, &RecordingsModel::busyChanged, this, &View::readyChanged);
    connect(m_search, &QLineEdit::textChanged, m_model, &RecordingsModel::setSearch);
    connect(m_swap, &QPushButton::clicked, m_model, &RecordingsModel::swapSides);
    connect(m_empty, &EmptyState::buttonClicked, this,
        [this] { Q_EMIT commandRequested(QStringLiteral("open"), {}); });
    for (const auto side : {RecordingsModel::First, RecordingsModel::Second}) {
        connect(m_boxes[side], &QComboBox::activated, this, [this, side](int index) {
            m_model->setSide(side, {m_boxes[side]->itemData(index).toLongLong(), {}});
        });
        connect(m_rangeButtons[side], &QPushButton::clicked, this, [this, side] { takeRange(side); });
    }
    for (CellTableView *table : m_tables)
        connect(table, &CellTableView::sqlRequested, this, [this] { Q_EMIT sqlRequested(showSql()); });
    connect(context(), &session::SessionContext::rangeChanged, this, &RecordingsView::showSides);
}

void RecordingsView::takeRange(RecordingsModel::Side side)
{
    if (const auto range = context()->range())
        m_model->setSide(side, {m_boxes[side]->currentData().toLongLong(), *range});
}

QString RecordingsView::showSql() const
{
    return m_model->sql(RecordingsModel::Page(m_pages->currentIndex()));
}

QString RecordingsView::noteText() const { return m_note->text(); }

QJsonObject RecordingsView::saveState() const
{
    return {{QStringLiteral("page"), m_pages->currentIndex()}, {QStringLiteral("search"), m_search->text()}};
}

void RecordingsView::restoreState(const QJsonObject &state)
{
    m_search->setText(state.value(QStringLiteral("search")).toString());
    m_pages->setCurrentIndex(
        std::clamp(state.value(QStringLiteral("page")).toInt(RecordingsModel::Statements), 0,
            m_pages->count() - 1));
}

bool RecordingsView::isReady() const { return !m_model->isBusy() && !session()->isLoading(); }

void RecordingsView::startSearch()
{
    m_search->setFocus(Qt::ShortcutFocusReason);
    m_search->selectAll();
}

void RecordingsView::showEvent(QShowEvent *event)
{
    View::showEvent(event);
    m_model->setActive(true);
}

void RecordingsView::hideEvent(QHideEvent *event)
{
    View::hideEvent(event);
    m_model->setActive(false);
}

void RecordingsView::showSides()
{
    for (const auto side : {RecordingsModel::First, RecordingsModel::Second}) {
        QComboBox *box = m_boxes[side];
        const QSignalBlocker blocker(box);
        box->clear();
        for (const analysis::RecordingItem &one : m_model->recordings()) {
            const QString name = QFileInfo(QString::fromStdString(one.name)).fileName();
            box->addItem(tr("%1 (%2)").arg(name).arg(one.source), qlonglong(one.source));
            box->setItemData(box->count() - 1, context()->timeText(one.range.begin), Qt::ToolTipRole);
        }
        if (m_model->recordings().size() > 1)
            box->addItem(tr("All recordings"), qlonglong(0));
        box->setCurrentIndex(std::max(0, box->findData(qlonglong(m_model->side(side).source))));
        box->setToolTip(box->currentText());
        m_rangeButtons[side]->setEnabled(context()->range().has_value());
    }
}

void RecordingsView::refresh()
{
    if (m_model->recordings().empty()) {
        showEmpty();
        m_stack->setCurrentIndex(0);
        return;
    }
    m_stack->setCurrentIndex(1);
    showSides();
    m_note->setText(m_model->errorText().isEmpty() ? m_model->noteText()
                                                   : tr("Could not be read: %1").arg(m_model->errorText()));
    for (int page = 0; page < RecordingsModel::PageCount; ++page) {
        if (m_tables[std::size_t(page)]->model()->rowCount() > 0
            && !m_tables[std::size_t(page)]->currentIndex().isValid())
            m_tables[std::size_t(page)]->selectRow(0);
    }
}

void RecordingsView::showEmpty()
{
    const QString icon = QStringLiteral("recordings");
    if (!m_model->errorText().isEmpty())
        m_empty->setContent(QStringLiteral("critical"), tr("The Recordings Could Not Be Read"),
            m_model->errorText());
    else if (!m_model->isLoaded())
        m_empty->setContent(icon, tr("Reading Recordings…"),
            tr("The comparison appears when they are read."));
    else
        m_empty->setContent(icon, tr("Nothing to Compare"),
            tr("Record a server before and after a change into one workspace:\n"
               "tailscope record DSN --to work.tailscope\n"
               "or import snapshots with their times. Two ranges of one recording can be compared too."),
            tr("Open Files…"));
}

} // namespace tailscope::widgets
