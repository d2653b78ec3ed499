// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/tables/tablesview.h"

#include "items/objectsmodel.h"
#include "widgets/base/celltableview.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/emptystate.h"
#include "widgets/tables/objectpage.h"
#include "widgets/tables/vacuumpage.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QShortcut>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QTabWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace tailscope::widgets {

using items::ObjectsModel;

TablesView::TablesView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new ObjectsModel(session, this))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(this))
    , m_search(new QLineEdit(this))
    , m_serverLabel(new QLabel(tr("S&erver:"), this))
    , m_server(new QComboBox(this))
    , m_totals(new QCheckBox(tr("&Totals since the reset"), this))
    , m_note(new ElidedLabel(this))
    , m_pages(new QTabWidget(this))
    , m_tables(new ObjectPage(m_model, ObjectsModel::Tables, m_model->tables(), tr("Tables"), this))
    , m_indexes(new ObjectPage(m_model, ObjectsModel::Indexes, m_model->indexes(), tr("Indexes"), this))
    , m_vacuum(new VacuumPage(m_model, this))
    , m_settings(
          new ObjectPage(m_model, ObjectsModel::SettingsPage, m_model->settings(), tr("Settings"), this))
{
    setAccessibleName(tr("Tables and Indexes"));
    buildLayout();
    connectAll();
    setFocusProxy(m_tables);
    refresh();
}

void TablesView::buildLayout()
{
    m_search->setPlaceholderText(tr("Search"));
    m_search->setAccessibleName(tr("Search the rows of the page"));
    m_search->setClearButtonEnabled(true);
    m_search->setMinimumWidth(180);
    m_search->setMaximumWidth(280);
    m_serverLabel->setBuddy(m_server);
    m_server->setAccessibleName(tr("Server whose objects are shown"));
    m_server->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_totals->setToolTip(tr("Counters since the statistics were reset, instead of rates in the range"));
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(8, 4, 8, 4);
    bar->setSpacing(8);
    bar->addWidget(m_serverLabel);
    bar->addWidget(m_server);
    bar->addWidget(m_search);
    bar->addWidget(m_totals);
    bar->addWidget(m_note, 1);
    m_pages->setDocumentMode(true);
    m_pages->setAccessibleName(tr("Pages"));
    m_pages->addTab(m_tables, tr("Tables"));
    m_pages->addTab(m_indexes, tr("Indexes"));
    m_pages->addTab(m_vacuum, tr("Vacuum and Wraparound"));
    m_pages->addTab(m_settings, tr("Settings"));
    for (int page = 0; page < m_pages->count(); ++page)
        m_pages->setTabToolTip(page, tr("Key %1").arg(page + 1));
    auto *content = new QWidget(this);
    auto *contentLayout = new QVBoxLayout(content);
    contentLayout->setContentsMargins(0, 0, 0, 0);
    contentLayout->setSpacing(0);
    contentLayout->addLayout(bar);
    contentLayout->addWidget(m_pages, 1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(content);
    layout->addWidget(m_stack);
    for (int page = 0; page < m_pages->count(); ++page) {
        connect(new QShortcut(QKeySequence(Qt::Key_1 + page), this, nullptr, nullptr,
                    Qt::WidgetWithChildrenShortcut),
            &QShortcut::activated, this, [this, page] { setPage(page); });
    }
}

void TablesView::connectAll()
{
    connect(m_model, &ObjectsModel::changed, this, &TablesView::refresh);
    connect(m_model, &ObjectsModel::busyChanged, this, &View::readyChanged);
    connect(m_search, &QLineEdit::textChanged, m_model, &ObjectsModel::setSearch);
    connect(m_totals, &QCheckBox::toggled, m_model, &ObjectsModel::setSinceReset);
    connect(m_server, &QComboBox::activated, this,
        [this](int index) { m_model->setServer(m_server->itemData(index).toString()); });
    connect(m_pages, &QTabWidget::currentChanged, this, &TablesView::setPage);
    connect(m_empty, &EmptyState::buttonClicked, this,
        [this] { Q_EMIT commandRequested(QStringLiteral("open"), {}); });
    connect(context(), &session::SessionContext::selectionChanged, this, &TablesView::followSelection);
    const std::pair<ObjectPage *, ObjectsModel::Page> pages[]{{m_tables, ObjectsModel::Tables},
        {m_indexes, ObjectsModel::Indexes}, {m_settings, ObjectsModel::SettingsPage}};
    for (const auto &[page, kind] : pages) {
        connect(page->table(), &CellTableView::sqlRequested, this,
            [this] { Q_EMIT sqlRequested(showSql()); });
        connect(page, &ObjectPage::copied, this, &View::statusText);
        connect(page, &ObjectPage::chosen, this, [this, kind = kind](qint64 id) {
            const session::Selection selection = m_model->selectionOf(kind, id);
            m_followed = selection.text;
            if (selection.kind != session::Selection::Kind::None)
                context()->setSelection(selection);
        });
    }
    for (CellTableView *table : {m_vacuum->progress(), m_vacuum->holders(), m_vacuum->ages()})
        connect(table, &CellTableView::sqlRequested, this, [this] { Q_EMIT sqlRequested(showSql()); });
    connect(m_vacuum, &VacuumPage::copied, this, &View::statusText);
}

void TablesView::setPage(int page)
{
    m_pages->setCurrentIndex(page);
    m_model->setPage(ObjectsModel::Page(page));
    m_totals->setEnabled(page == ObjectsModel::Tables || page == ObjectsModel::Indexes);
    refresh();
}

QString TablesView::showSql() const { return m_model->sql(); }

QString TablesView::noteText() const { return m_note->text(); }

QJsonObject TablesView::saveState() const
{
    return {{QStringLiteral("page"), m_pages->currentIndex()}, {QStringLiteral("search"), m_search->text()},
        {QStringLiteral("totals"), m_totals->isChecked()}};
}

void TablesView::restoreState(const QJsonObject &state)
{
    m_search->setText(state.value(QStringLiteral("search")).toString());
    m_totals->setChecked(state.value(QStringLiteral("totals")).toBool());
    setPage(std::clamp(state.value(QStringLiteral("page")).toInt(), 0, m_pages->count() - 1));
}

bool TablesView::isReady() const { return !m_model->isBusy() && !session()->isLoading(); }

void TablesView::startSearch()
{
    m_search->setFocus(Qt::ShortcutFocusReason);
    m_search->selectAll();
}

void TablesView::showEvent(QShowEvent *event)
{
    View::showEvent(event);
    m_model->setActive(true);
}

void TablesView::hideEvent(QHideEvent *event)
{
    View::hideEvent(event);
    m_model->setActive(false);
}

void TablesView::showServers()
{
    const QSignalBlocker blocker(m_server);
    const QStringList servers = m_model->servers();
    m_server->clear();
    m_server->addItem(tr("All"), QString());
    for (const QString &server : servers)
        m_server->addItem(server, server);
    m_server->setCurrentIndex(std::max(0, m_server->findData(m_model->server())));
    m_server->setVisible(servers.size() > 1);
    m_serverLabel->setVisible(servers.size() > 1);
}

void TablesView::refresh()
{
    const auto page = m_model->page();
    bool isKnown = false;
    for (int each = 0; each < ObjectsModel::PageCount; ++each)
        isKnown = isKnown || m_model->hasAny(ObjectsModel::Page(each));
    // Another page may have something: the tabs stay in reach once one has.
    if (!isKnown && !(m_model->isLoaded(page) && m_pages->currentIndex() != 0)) {
        showEmpty();
        m_stack->setCurrentIndex(0);
        return;
    }
    m_stack->setCurrentIndex(1);
    showServers();
    QString note = m_model->noteText();
    if (!m_model->errorText().isEmpty())
        note = tr("Could not be read: %1").arg(m_model->errorText());
    else if (m_model->isLoaded(page) && !m_model->hasAny(page))
        note
            = tr("Nothing of this is in the workspace: record a server, or import the output of catalog-sql");
    m_note->setText(note);
    if (page == ObjectsModel::Tables)
        m_tables->refresh();
    else if (page == ObjectsModel::Indexes)
        m_indexes->refresh();
    else if (page == ObjectsModel::Vacuum)
        m_vacuum->refresh();
    else
        m_settings->refresh();
    followSelection();
}

/// A finding or another view chose a table or an index.
void TablesView::followSelection()
{
    const session::Selection chosen = context()->selection();
    using Kind = session::Selection::Kind;
    if ((chosen.kind != Kind::Table && chosen.kind != Kind::Index) || chosen.text == m_followed)
        return;
    const auto page = chosen.kind == Kind::Table ? ObjectsModel::Tables : ObjectsModel::Indexes;
    if (m_model->page() != page && isVisible()) {
        setPage(page);
        return; // refresh() comes back here when it is read
    }
    const qint64 id = m_model->idOf(page, chosen);
    if (id < 0)
        return;
    m_followed = chosen.text;
    (page == ObjectsModel::Tables ? m_tables : m_indexes)->select(id);
}

void TablesView::showEmpty()
{
    const QString icon = QStringLiteral("tables");
    if (!m_model->errorText().isEmpty())
        m_empty->setContent(QStringLiteral("critical"), tr("The Tables Could Not Be Read"),
            m_model->errorText());
    else if (!m_model->isLoaded(m_model->page()))
        m_empty->setContent(icon, tr("Reading Tables…"), tr("They appear when they are read."));
    else
        m_empty->setContent(icon, tr("No Tables Yet"),
            tr("Record a server (tailscope record), or save what its catalog says and open the file:\n"
               "tailscope catalog-sql > catalog.sql\n"
               "psql -X -At -f catalog.sql shop > catalog.jsonl\n"
               "Run it again and append (>>): each run is one more snapshot, and counters become rates."),
            tr("Open Files…"));
}

} // namespace tailscope::widgets
