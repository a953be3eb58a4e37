import { testThird } from './third.ts'

testThird(1)
