// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/tables/vacuumpage.h"

#include "widgets/base/celltableview.h"
#include "widgets/tables/objectpage.h"

#include <QLabel>
#include <QSignalBlocker>
#include <QVBoxLayout>

namespace tailscope::widgets {

VacuumPage::VacuumPage(items::ObjectsModel *model, QWidget *parent)
    : QSplitter(Qt::Vertical, parent)
    , m_model(model)
    , m_progress(new CellTableView(model->progress(), tr("Commands that run"), this))
    , m_holders(new CellTableView(model->holders(), tr("What holds back the oldest snapshot"), this))
    , m_ages(new CellTableView(model->ages(), tr("Ages of databases and tables"), this))
    , m_progressTitle(new QLabel(this))
    , m_holderTitle(new QLabel(this))
    , m_ageTitle(new QLabel(tr("Age towards the wraparound: databases, then the oldest tables"), this))
    , m_buttons(new CopyButtons(this))
{
    addWidget(titled(m_progressTitle, m_progress, nullptr));
    addWidget(titled(m_holderTitle, m_holders, m_buttons));
    addWidget(titled(m_ageTitle, m_ages, nullptr));
    setStretchFactor(0, 1);
    setStretchFactor(1, 2);
    setStretchFactor(2, 3);
    setChildrenCollapsible(false);
    setFocusProxy(m_holders);
    connect(m_buttons, &CopyButtons::copied, this, &VacuumPage::copied);
    connect(m_holders, &CellTableView::currentIdChanged, this, [this](qint64 id) {
        m_holder = id;
        m_buttons->setTexts(m_model->copies(items::ObjectsModel::Vacuum, id));
    });
    m_buttons->setTexts({});
    m_buttons->hide();
}

QWidget *VacuumPage::titled(QLabel *title, CellTableView *table, QWidget *below)
{
    auto *part = new QWidget(this);
    auto *layout = new QVBoxLayout(part);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    title->setContentsMargins(8, 4, 8, 4);
    title->setBuddy(table);
    layout->addWidget(title);
    layout->addWidget(table, 1);
    if (below)
        layout->addWidget(below);
    return part;
}

void VacuumPage::refresh()
{
    m_progressTitle->setText(m_model->progress()->rowCount() > 0
            ? tr("Commands that report their progress")
            : tr("No vacuum, analyze, index build, cluster, copy or base backup runs at this moment"));
    m_holderTitle->setText(m_model->holders()->rowCount() > 0
            ? tr("What holds back the oldest snapshot, the oldest first: vacuum removes no row that it may "
                 "see")
            : tr("Nothing holds back the oldest snapshot, as far as is known at this moment"));
    const qint64 holder = m_holder;
    {
        const QSignalBlocker blocker(m_holders);
        m_holders->selectId(holder);
    }
    m_buttons->setTexts(m_model->copies(items::ObjectsModel::Vacuum, m_holders->currentId()));
}

} // namespace tailscope::widgets
