/**
 * Names of bodies that publish reports, composed of a region and a kind of body. All are invented: figures that we make
 * up must not stand beside the name of a real body.
 */
import fc from 'fast-check'

export type Agency = {
  readonly name: string
  /** True only for governments that the law lets make regulations; table 2 of all others must not show any. */
  readonly makesRegulations: boolean
}

const stem = fc
  .tuple(fc.constantFrom(...'清云石龙青白永安临'), fc.constantFrom(...'河溪岭泉原川平陵阳'))
  .map((pair) => pair.join(''))

const province = stem.map((name) => `${name}省`)
const city = stem.map((name) => `${name}市`)
const county = fc.tuple(stem, fc.constantFrom('县', '区', '市')).map((pair) => pair.join(''))
const cityCounty = fc.tuple(city, county).map((pair) => pair.join(''))
const region = fc.oneof(city, county, cityCounty)

const plain = (name: fc.Arbitrary<string>): fc.Arbitrary<Agency> =>
  name.map((one) => ({ name: one, makesRegulations: false }))
const join = (...parts: fc.Arbitrary<string>[]): fc.Arbitrary<Agency> =>
  plain(fc.tuple(...parts).map((all) => all.join('')))

/** Agencies of every kind in the domain: governments, their offices, bureaus, streets, towns, zones, vertical bodies. */
export const agencies: fc.Arbitrary<Agency> = fc.oneof(
  fc.oneof(province, city).map((name) => ({ name: `${name}人民政府`, makesRegulations: true })),
  join(cityCounty, fc.constant('人民政府')),
  join(province, fc.constantFrom('人民政府办公厅', '财政厅', '发展和改革委员会', '住房和城乡建设厅')),
  join(
    region,
    fc.constantFrom(
      '人民政府办公室',
      '财政局',
      '司法局',
      '卫生健康委员会',
      '发展和改革委员会',
      '市场监督管理局',
      '城市管理综合行政执法局',
      '公共资源交易中心',
      '审计局',
      '信访局',
    ),
  ),
  join(county, stem, fc.constantFrom('街道办事处', '镇人民政府', '乡人民政府')),
  join(stem, fc.constantFrom('镇人民政府', '乡人民政府', '街道办事处')),
  join(stem, fc.constantFrom('区管委会', '经济技术开发区管理委员会', '高新技术产业开发区管委会', '新区管理委员会')),
  join(fc.constant('国家税务总局'), county, fc.constant('税务局')),
)
