// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/plotview.h"

#include "widgets/base/theme.h"
#include "widgets/charts/plotcanvas.h"
#include "widgets/charts/plotdatamodel.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QFileDialog>
#include <QHeaderView>
#include <QMenu>
#include <QPainter>
#include <QStackedWidget>
#include <QSvgGenerator>
#include <QTableView>
#include <QVBoxLayout>

namespace tailscope::widgets {

PlotView::PlotView(const session::SessionContext *context, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
    , m_stack(new QStackedWidget(this))
    , m_canvas(new PlotCanvas(context, this))
    , m_data(new PlotDataModel(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_stack);
    m_stack->addWidget(m_canvas);
    setFocusProxy(m_canvas);
    connect(m_canvas, &PlotCanvas::rangeSelected, this, &PlotView::rangeSelected);
    connect(m_canvas, &PlotCanvas::rangeCleared, this, &PlotView::rangeCleared);
    connect(m_canvas, &PlotCanvas::selectionChanged, this, &PlotView::selectionChanged);
    connect(m_canvas, &PlotCanvas::cursorMoved, this, &PlotView::cursorMoved);
    connect(m_canvas, &PlotCanvas::readoutChanged, this, &PlotView::readoutChanged);
    createActions();
}

void PlotView::createActions()
{
    m_showData = new QAction(tr("Show &Data as Table"), this);
    m_showData->setCheckable(true);
    connect(m_showData, &QAction::toggled, this, &PlotView::showData);
    auto *copyData = new QAction(themedIcon(QStringLiteral("copy")), tr("&Copy Data"), this);
    connect(copyData, &QAction::triggered, this, [this] { QApplication::clipboard()->setText(dataText()); });
    auto *copyPicture = new QAction(tr("Copy &Picture"), this);
    connect(copyPicture, &QAction::triggered, this, [this] {
        QPixmap picture(m_canvas->size() * devicePixelRatioF());
        picture.setDevicePixelRatio(devicePixelRatioF());
        QPainter painter(&picture);
        m_canvas->paintChart(painter);
        painter.end();
        QApplication::clipboard()->setPixmap(picture);
    });
    auto *save = new QAction(themedIcon(QStringLiteral("export")), tr("&Export Picture…"), this);
    connect(save, &QAction::triggered, this, &PlotView::exportWithDialog);
    m_actions = {m_showData, copyData, copyPicture, save};
}

void PlotView::setContent(PlotContent content)
{
    setAccessibleName(content.title);
    m_canvas->setContent(std::move(content));
    if (isShowingData())
        m_data->setContent(m_canvas->content(), m_context);
}

const PlotContent &PlotView::content() const { return m_canvas->content(); }

bool PlotView::isShowingData() const { return m_table && m_stack->currentWidget() == m_table; }

void PlotView::showData(bool on)
{
    if (on && !m_table) {
        m_table = new QTableView(this);
        m_table->setModel(m_data);
        m_table->setAlternatingRowColors(true);
        m_table->setFrameShape(QFrame::NoFrame);
        m_table->setTabKeyNavigation(false);
        m_table->verticalHeader()->hide();
        m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
        m_stack->addWidget(m_table);
    }
    if (on) {
        m_table->setAccessibleName(tr("Data of %1").arg(content().title));
        m_data->setContent(content(), m_context);
        m_table->resizeColumnsToContents();
    }
    m_stack->setCurrentWidget(on ? static_cast<QWidget *>(m_table) : m_canvas);
    setFocusProxy(m_stack->currentWidget());
    m_showData->setChecked(on);
}

QString PlotView::dataText() const
{
    PlotDataModel model;
    model.setContent(content(), m_context);
    return model.toText();
}

QString PlotView::exportPicture(const QString &path)
{
    const QString failure
        = tr("%1 could not be written. Choose another folder or one of the endings .png and .svg.");
    if (path.endsWith(QLatin1String(".svg"), Qt::CaseInsensitive)) {
        QSvgGenerator generator;
        generator.setFileName(path);
        generator.setSize(m_canvas->size());
        generator.setViewBox(m_canvas->rect());
        generator.setTitle(content().title);
        QPainter painter;
        if (!painter.begin(&generator))
            return failure.arg(path);
        m_canvas->paintChart(painter);
        return {};
    }
    QImage image(m_canvas->size() * devicePixelRatioF(), QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(devicePixelRatioF());
    QPainter painter(&image);
    m_canvas->paintChart(painter);
    painter.end();
    return image.save(path) ? QString() : failure.arg(path);
}

void PlotView::exportWithDialog()
{
    auto *dialog = new QFileDialog(this, tr("Export Picture"),
        content().title.simplified() + QStringLiteral(".png"), tr("Pictures (*.png *.svg)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("png"));
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &path) {
        const QString problem = exportPicture(path);
        if (!problem.isEmpty())
            Q_EMIT failed(problem);
    });
    dialog->open();
}

void PlotView::contextMenuEvent(QContextMenuEvent *event)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addActions(m_actions);
    const QPoint place
        = event->reason() == QContextMenuEvent::Keyboard ? mapToGlobal(rect().center()) : event->globalPos();
    menu->popup(place);
}

} // namespace tailscope::widgets
