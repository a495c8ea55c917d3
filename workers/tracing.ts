/**
 * Traces, where they are asked for: a span for each stage of a document, sent by OTLP over HTTP. Its context goes with the
 * jobs, so that the stages of one document are one trace, whichever machines did them. The part that sends is loaded only
 * then; OpenTelemetry's own variables (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME, …) say where to and by what name.
 */
import { ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, type TracerProvider, trace } from '@opentelemetry/api'
import { UserError } from '../src/errors.ts'

export type Tracing = {
  /** Begins the span of a stage, below the one whose context came with the job. */
  begin(name: string, parent: string | undefined): StageSpan
  /** Sends what was not sent yet. */
  close(): Promise<void>
}

export type StageSpan = {
  /** What the jobs of the next stages carry; undefined where nothing is traced. */
  readonly context: string | undefined
  end(attributes: Readonly<Record<string, string | number>>, failure: string | null): void
}

/** Starts tracing, or what does nothing. @throws UserError `tracing_not_installed` */
export async function openTracing(on: boolean, version: string): Promise<Tracing> {
  if (!on) return tracingBy(trace.getTracerProvider(), async () => {})
  const provider = await loadProvider(version)
  return tracingBy(provider, () => provider.shutdown().catch(() => {}))
}

async function loadProvider(version: string): Promise<TracerProvider & { shutdown(): Promise<void> }> {
  const names = ['@opentelemetry/sdk-trace', '@opentelemetry/exporter-trace-otlp-http', '@opentelemetry/resources']
  try {
    const { TracerProvider, BatchSpanProcessor } = await import('@opentelemetry/sdk-trace')
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http')
    const { defaultResource, detectResources, envDetector, resourceFromAttributes } = await import(
      '@opentelemetry/resources'
    )
    const own = resourceFromAttributes({ 'service.name': 'gouji', 'service.version': version })
    const resource = defaultResource()
      .merge(own)
      .merge(detectResources({ detectors: [envDetector] }))
    return new TracerProvider({
      resource,
      spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
    })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error
    throw new UserError('tracing_not_installed', { packages: names.join(' ') })
  }
}

function tracingBy(provider: TracerProvider, close: () => Promise<void>): Tracing {
  const tracer = provider.getTracer('gouji')
  const begin: Tracing['begin'] = (name, parent) => {
    const span = tracer.startSpan(name, { kind: SpanKind.CONSUMER }, contextOf(parent))
    return {
      context: headerOf(span),
      end: (attributes, failure) => {
        span.setAttributes(attributes)
        if (failure !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: failure })
        span.end()
      },
    }
  }
  return { begin, close }
}

/** The context of a span as W3C's `traceparent`. */
function headerOf(span: Span): string | undefined {
  const { traceId, spanId, traceFlags } = span.spanContext()
  if (!span.isRecording()) return undefined
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
}

function contextOf(header = ''): typeof ROOT_CONTEXT {
  const match = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(header)
  if (match === null) return ROOT_CONTEXT
  const [, traceId = '', spanId = '', flags = ''] = match
  const parent = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true }
  return trace.setSpanContext(ROOT_CONTEXT, parent)
}
